"""Muster: disaster recovery for Azure VMs as code."""

__version__ = "0.1.0"
