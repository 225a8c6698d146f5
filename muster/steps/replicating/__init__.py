"""What each step of replicate and disable does: read, act only if needed, prove by reading."""
