"""What each kind of step does; every step converges."""
