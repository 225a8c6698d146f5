"""Where a flow works: the checkout it lies in, and the settings of the environment of one plan."""

from __future__ import annotations

import os
from pathlib import Path

from muster.cli.checkout import PLANS, environment_for, settings_of
from muster.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[1]
PLAN_FILES = tuple(sorted((CHECKOUT / PLANS).glob("*.yaml")))


def settings_for(name: str) -> Settings:
    """The settings under which a plan, or a run of it, is worked on in this process.

    Args:
        name: A plan's name or a run's id.

    Raises:
        SettingsError: A value cannot be used.
    """
    os.environ.update(environment_for(name, os.environ))  # the credential reads its own variables
    return settings_of(CHECKOUT)
