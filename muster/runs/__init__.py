"""One run of a plan from its opening to its evidence: shared by command line and flows."""
