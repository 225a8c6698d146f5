"""Compute: virtual machines and what runs in them on command."""
