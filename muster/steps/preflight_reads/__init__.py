"""What preflight reads of Azure and of ourselves, area by area; nothing is ever written."""
