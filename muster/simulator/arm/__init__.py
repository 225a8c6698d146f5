"""Azure Resource Manager: paths, errors, operations, and plain resources of every type."""
