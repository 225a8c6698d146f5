"""When drills of a plan run: cron, time zone, and the days on which none may."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from muster.plan.actions import PlanModel

DaySpan = tuple[date, date]


def _day_span(value: Any) -> DaySpan:
    if isinstance(value, tuple | list) and len(value) == 2:
        first, last = value
    elif isinstance(value, date):
        first = last = value
    else:
        first_text, dots, last_text = str(value).partition("..")
        try:
            first = date.fromisoformat(first_text)
            last = date.fromisoformat(last_text) if dots else first
        except ValueError:
            raise PydanticCustomError(
                "PLAN-042",
                "'{text}' is not a day or a span of days",
                {"text": str(value)[:40]},
            ) from None
    if last < first:
        raise PydanticCustomError(
            "PLAN-043",
            "{first}..{last} ends before it begins",
            {"first": str(first), "last": str(last)},
        )
    return first, last


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError(
            "PLAN-041", "there is no time zone '{name}'", {"name": name[:60]}
        ) from None
    return name


def _valid_cron(expression: str) -> str:
    fields = expression.split()
    # CronSim also takes six fields, with seconds; Prefect does not.
    if len(fields) == 5 and _is_cron(fields):
        return expression
    minute, hour, day, month, weekday = fields if len(fields) == 5 else [""] * 5
    if _is_cron([minute, hour, "*", month, weekday]) and _is_cron(
        [minute, hour, day, "*", weekday]
    ):
        # Day and month are fine each alone: there is no such day in that month.
        raise PydanticCustomError("PLAN-044", "'{cron}' never fires", {"cron": expression[:60]})
    raise PydanticCustomError(
        "PLAN-040",
        "'{cron}' is not a cron expression of five fields",
        {"cron": expression[:60]},
    )


def _is_cron(fields: list[str]) -> bool:
    from cronsim import CronSim, CronSimError  # late: `muster --help` does not need it

    try:
        next(CronSim(" ".join(fields), datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        return False
    return True


Days = Annotated[
    DaySpan,
    BeforeValidator(_day_span),
    PlainSerializer(lambda days: f"{days[0]}..{days[1]}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?$"}),
]


class Schedule(PlanModel):
    """When drills run unattended."""

    cron: Annotated[str, Field(max_length=100), AfterValidator(_valid_cron)]
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    not_on: tuple[Days, ...] = ()

    def excludes(self, instant: datetime) -> DaySpan | None:
        """The span of (local) days without drills that this instant lies in, or None."""
        day = instant.astimezone(ZoneInfo(self.timezone)).date()
        return next((span for span in self.not_on if span[0] <= day <= span[1]), None)

    def next_fires(self, after: datetime, count: int = 1) -> list[datetime]:
        """The next instants at which a drill starts, excluded days left out.

        Fewer than `count` if there are no more within ten years.
        """
        from cronsim import CronSim

        zone = ZoneInfo(self.timezone)
        horizon = after + timedelta(days=3660)
        fires: list[datetime] = []
        cron = CronSim(self.cron, after.astimezone(zone))
        while len(fires) < count:
            fire = next(cron, None)
            if fire is None or fire > horizon:
                break
            span = self.excludes(fire)
            if span is None:
                fires.append(fire)
            elif span[1].year >= horizon.year + 1:
                break
            else:  # go on behind the span: a cron of every minute would fire there for years
                last_minute = datetime.combine(span[1], time(23, 59), zone)
                cron = CronSim(self.cron, max(fire, last_minute))
        return fires
