"""Guests: the VMs of the simulated world from inside, and the networks between them."""
