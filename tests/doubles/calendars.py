"""What calendars of economic events have in common: which happenings they tell, and the truth."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from assay.sources.agenda_rows import money_of
from assay.sources.figures import Figure
from tests.doubles.macrodesk import DAY, Happening, MacroDouble, happenings, order

NAMES = {
    ("US", "Fed Interest Rate Decision"): "policy_rate_percent",
    ("AU", "RBA Interest Rate Decision"): "policy_rate_percent",
    ("DE", "Inflation Rate YoY"): "de_inflation_rate_yoy",
}
"""Our names for events where they are more than theirs in small letters."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class CalendarDouble(MacroDouble):
    """A double that tells the happenings of some days, both included."""

    subject = "calendar"
    value = "actual"

    @property
    def questions(self) -> tuple[str, ...]:
        """See `MacroDouble.questions`."""
        return ("calendar",)

    def truth(self, question: str, start: datetime, end: datetime) -> list[Figure]:
        """See `MacroDouble.truth`."""
        by = min(end, self.clock)
        found = [as_figure(one) for one in happenings() if start < one.at <= by]
        return sorted((one for one in found if one is not None), key=order)

    def days(self, query: Mapping[str, str]) -> list[Happening] | None:
        """Return the happenings of the days asked for; None where the question is malformed."""
        ends = [query.get(name, "") for name in ("from", "to")]
        if not all(_DATE.fullmatch(one) for one in ends):
            return None
        first, last = (datetime.combine(date.fromisoformat(one), time(), UTC) for one in ends)
        return [one for one in happenings() if first <= one.at < last + DAY]


def as_figure(one: Happening) -> Figure | None:
    """Return what an adapter must make of a happening that is due; None if it is none of ours."""
    money = money_of(one.country)
    if money is None:
        return None
    plain = re.sub(r"[^a-z0-9]+", "_", one.title.lower()).strip("_")
    return Figure(
        NAMES.get((one.country, one.title), plain),
        money,
        one.at,
        one.at,
        one.actual,
        one.estimate,
        previous=one.previous,
        title=one.title,
        impact=one.impact.lower(),
    )
