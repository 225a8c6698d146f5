"""What is particular about types of Network and Storage; a file for what belongs together."""
