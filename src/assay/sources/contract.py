"""What a source is: somewhere bars, stories or macro releases come from."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe


@dataclass(frozen=True, slots=True)
class Note:
    """Something a source noticed: `line` is the row of the file (1 = first), if there is one."""

    code: str
    sentence: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was made out about a file, by what evidence, and the flag that says otherwise.

    `what` is one of layout, symbol, timeframe, clock, stamp, price unit, dates; `flag` is empty
    where nothing can be said against it.
    """

    what: str
    value: str
    evidence: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Bars and what was noticed on the way; nothing is dropped or reordered without a note.

    `findings` say how the file was read.
    """

    bars: Bars
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...] = ()


class Source(ABC):
    """Fetches; never fills, smooths or guesses in silence."""

    simulated: bool = False

    @abstractmethod
    def bars(self, instrument: Instrument, timeframe: Timeframe) -> Fetched:
        """Return all bars it has of the series."""

    def stories(self, until: datetime | None = None) -> Sequence[Story]:
        """Return the stories it has, in order of first-seen time; none by default."""
        return ()

    def releases(self, until: datetime | None = None) -> Sequence[Release]:
        """Return the releases it has, in order of first-seen time; none by default."""
        return ()
