"""How long a call may take or be held back: what a resumed run waits out before sending again."""

from __future__ import annotations

from datetime import timedelta

CONNECT_TIMEOUT = timedelta(seconds=20)  # on the wall: sockets do not know Azure time
READ_TIMEOUT = timedelta(seconds=60)  # on the wall, too

ACT_PATIENCE = timedelta(seconds=30)
"""How long an act may be held up by budget and 429, in Azure time: less than the 60 s that the
journal's *intended* holds, for one sent later than that could meet another owner's."""

LIST_LAG = timedelta(minutes=5)
"""How long a job may be unknown to list and get before it counts as missing; not recorded."""
