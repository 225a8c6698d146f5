"""Figures that the project holds itself to; `make bench` prints them. Never timed tests: noise is
the machine's.
"""
