"""When central banks say what they have decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

POLICY_RATE = "policy_rate_percent"
"""Our name for the rate that a central bank sets."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A central bank; `hours` are the hours of its decisions and from which day on, newest first.

    An hour is that of `zone`. Where a bank has kept to no hour it is one by which it had spoken.
    """

    name: str
    zone: str
    hours: tuple[tuple[date, time], ...]

    def decided(self, day: date) -> datetime:
        """Return when (UTC) a decision of `day` is told."""
        hour = next(hour for since, hour in self.hours if since <= day)
        return datetime.combine(day, hour, ZoneInfo(self.zone)).astimezone(UTC)


BANKS: Mapping[str, Bank] = MappingProxyType(
    {
        "USD": Bank(
            "Federal Reserve",
            "America/New_York",
            ((date(2013, 3, 20), time(14)), (date.min, time(14, 15))),
        ),
        "EUR": Bank(
            "European Central Bank",
            "Europe/Berlin",
            ((date(2022, 7, 21), time(14, 15)), (date.min, time(13, 45))),
        ),
        "GBP": Bank("Bank of England", "Europe/London", ((date.min, time(12)),)),
        "JPY": Bank("Bank of Japan", "Asia/Tokyo", ((date.min, time(15)),)),
        "CHF": Bank("Swiss National Bank", "Europe/Zurich", ((date.min, time(9, 30)),)),
        "AUD": Bank("Reserve Bank of Australia", "Australia/Sydney", ((date.min, time(14, 30)),)),
        "NZD": Bank(
            "Reserve Bank of New Zealand",
            "Pacific/Auckland",
            ((date(2016, 3, 10), time(14)), (date.min, time(9))),
        ),
        "CAD": Bank(
            "Bank of Canada",
            "America/Toronto",
            ((date(2024, 1, 24), time(9, 45)), (date.min, time(10))),
        ),
    }
)
"""By currency, as the banks announce their hours; a change of hour counts from its first decision.

The Bank of Japan speaks when its meeting ends, mostly before 13:00: here it is 15:00.
"""
IN_FORCE = MappingProxyType({"USD": timedelta(days=1), "EUR": timedelta(days=6)})
"""How long after a decision the rate is in force: the next day, the Wednesday after a Thursday."""
