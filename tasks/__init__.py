"""Prefect tasks: a thin shell around each kind of step, so that Prefect shows what the walk
does.
"""
