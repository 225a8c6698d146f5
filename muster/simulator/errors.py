"""What stops the simulator itself, in sentences for the person who started it."""

from __future__ import annotations


class SimulatorError(Exception):
    """The simulator cannot start or go on; the text is a sentence (world mistakes: one a line)."""
