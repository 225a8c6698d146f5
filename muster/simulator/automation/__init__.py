"""Automation: accounts, runbooks as the world tells them, jobs that go their way by the clock."""
