"""Who may do what: Entra, tokens, roles."""
