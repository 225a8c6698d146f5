"""What is under docs/reference and can be worked out from the code: `python -m docs.generate`."""
