"""The drill network: made or given, and proven to reach nothing of production."""
