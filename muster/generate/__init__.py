"""Big worlds with their plans, written from a few figures. Knows files, not what reads them."""
