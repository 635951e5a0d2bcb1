"""What a format is: one provider's way to write bars, and what it says of a table."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.file_times import DateOrder
from assay.sources.reading.raw import Raw


class Stamp(StrEnum):
    """Which end of the bar its time names."""

    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a format says of a table, and `evidence` in words for it.

    `time` is one column, or a date and a clock beside it; `columns` maps the roles open, high, low,
    close, volume to columns. `clock` names the clock of the times (`clocks`), None where the format
    does not tell; `server` says that they are in the clock of a server that the format does not
    name, even where they are numbers since 1970. `order` says how the format writes dates,
    `days_in` where its day bars begin (both for `parsed_times`). `symbol` and `timeframe` are what
    the table says, as written there; its name may say them too (`from_name`). `instruments` is a
    column that names an instrument in each row.
    """

    time: tuple[str, ...]
    columns: Mapping[str, str]
    stamp: Stamp | None
    notes: tuple[Note, ...]
    format: str = "generic"
    evidence: str = ""
    clock: str | None = None
    symbol: str | None = None
    timeframe: Timeframe | None = None
    instruments: str | None = None
    server: bool = False
    order: DateOrder | None = None
    days_in: str | None = None


class Format(ABC):
    """Knows the tables of one provider or program by their columns, their first rows, their name.

    Written from what the provider publishes; what could not be looked up, the docstring says. Where
    two formats know one table, the one of the lower `order` has it: the lower, the more of what it
    asks for is its own.
    """

    order: ClassVar[int] = 50

    @abstractmethod
    def layout(self, raw: Raw) -> Layout | None:
        """Return what the table means, None where it is not of this format.

        `DataError` where it is, and holds no bars.
        """
