"""The only way to Azure: a port, its adapter to the official SDKs, job watchers and budgets."""
