"""World files: what they may say, and the first day that is made of them."""
