"""Site Recovery (A2A): vault set-up, protected items, recovery points, jobs, operations."""
