"""Plans laid out as graphs of steps, one per operation; pure."""
