"""A second program that speaks the Azure dialect over HTTPS; it imports nothing else of Muster."""
