"""What goes wrong, and when: fault files, and the engine that lets them happen by seed."""
