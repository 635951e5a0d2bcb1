"""The lengths of a bar."""

from datetime import timedelta
from enum import StrEnum

from assay.core.errors import NotFoundError


class Timeframe(StrEnum):
    """How much time one bar covers; intraday bars sit on a grid anchored at 00:00 UTC."""

    M1 = "1m"
    M5 = "5m"
    M10 = "10m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def minutes(self) -> int:
        """Return the length in minutes; a day counts 1,440 whatever its session."""
        return _MINUTES[self]

    @property
    def length(self) -> timedelta:
        """Return the length as a span of time."""
        return timedelta(minutes=self.minutes)

    @property
    def is_intraday(self) -> bool:
        """Say whether a bar is shorter than a day."""
        return self is not Timeframe.D1

    @property
    def higher(self) -> "Timeframe | None":
        """Return the timeframe that gives this one its context, about 4 to 6 times longer."""
        return _HIGHER.get(self)

    @classmethod
    def parse(cls, text: str) -> "Timeframe":
        """Return the timeframe called `text`, or say which ones there are."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            known = ", ".join(cls)
            raise NotFoundError(f"No timeframe is called {text!r}; there are {known}") from None


_MINUTES = {
    Timeframe.M1: 1,
    Timeframe.M5: 5,
    Timeframe.M10: 10,
    Timeframe.M15: 15,
    Timeframe.M30: 30,
    Timeframe.H1: 60,
    Timeframe.H4: 240,
    Timeframe.D1: 1440,
}
_HIGHER = {
    Timeframe.M1: Timeframe.M5,
    Timeframe.M5: Timeframe.M30,
    Timeframe.M10: Timeframe.H1,
    Timeframe.M15: Timeframe.H1,
    Timeframe.M30: Timeframe.H4,
    Timeframe.H1: Timeframe.H4,
    Timeframe.H4: Timeframe.D1,
}
