"""What a provider of macro-economic figures is: series with their vintages, and events to come."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.provider import EARLIEST, Connected, Limit


@dataclass(frozen=True, slots=True)
class MacroAbilities:
    """What a provider of figures gives and on which terms; see `provider.Abilities`.

    `vintages` says whether it tells what was known when, or the newest version alone; `reach` how
    far back it goes (None: no documented end), `span` the longest stretch of one answer (None: all
    at once).
    """

    title: str
    limits: tuple[Limit, ...]
    licence: str
    document: str
    vintages: bool
    keys: tuple[str, ...] = ()
    key_optional: bool = False
    sign_up: str = ""
    reach: timedelta | None = None
    span: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One version of one figure.

    `series` is our name for it, `currency` the one it bears on. `event_at` is when it was due, the
    same for all versions of a figure; `seen_at` when this version could first be known; UTC.
    `actual` is None for an event that is still to come, or that brings no figure. `period` says
    what it is about ("2026-10"). `previous` is what the last figure is said to be by now: where it
    differs from what was first said, a revision of that one. `title` is what the provider calls
    it, `impact` how much it says it moves ("high", "medium", "low" or ""). `assumed` says that
    nobody told when it was first known: `seen_at` is then what a rule answers.
    """

    series: str
    currency: str
    event_at: datetime
    seen_at: datetime
    actual: float | None
    consensus: float | None = None
    period: str = ""
    previous: float | None = None
    title: str = ""
    impact: str = ""
    assumed: bool = False

    def __post_init__(self) -> None:
        utc(self.event_at, "event time of a figure")
        if utc(self.seen_at, "first-seen time of a figure") < self.event_at and (
            self.actual is not None
        ):
            raise DataError(f"{self.series}: seen at {self.seen_at}, before it was due")


@dataclass(frozen=True, slots=True)
class MacroPage:
    """The answer to one question for figures, by first-seen time, and what was noticed.

    Every version that could be known after the start and by `through` (UTC) is in it. A figure
    that is later than `through` may be in it, and comes again with the next question. `current`
    says that there is nothing more to ask now.
    """

    figures: tuple[Figure, ...]
    notes: tuple[Note, ...]
    through: datetime
    current: bool = False


class MacroProvider(Connected, ABC):
    """A provider of macro-economic figures or of a calendar of events.

    Errors are those of `provider.Provider`.
    """

    abilities: ClassVar[MacroAbilities]

    @abstractmethod
    def questions(self, currencies: Sequence[str]) -> tuple[str, ...]:
        """Return what to ask to hear of `currencies`, each a text that means the same for ever."""

    @abstractmethod
    def page(self, question: str, start: datetime, end: datetime) -> MacroPage:
        """Return the versions of figures that could first be known after `start` and by `end`."""

    def earliest(self) -> datetime:
        """Return the earliest time (UTC) from which it is worth asking."""
        reach = self.abilities.reach
        return EARLIEST if reach is None else max(EARLIEST, self.access.clock.now() - reach)

    def calls(self, question: str, start: datetime, end: datetime) -> int:
        """Return how many calls the answer to one question will cost, about."""
        span = self.abilities.span
        return 0 if end <= start else 1 if span is None else -(-(end - start) // span)
