"""What a feature is: columns known at t, declared inputs, and never a look at t + 1."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.table import micros
from assay.core.errors import SettingsError
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe


class Input(StrEnum):
    """A kind of thing a feature may look at."""

    BARS = "bars"
    HIGHER = "higher"
    PEERS = "peers"
    STORIES = "stories"
    MACRO = "macro"
    CALENDAR = "calendar"


class Group(StrEnum):
    """What a feature tells about; users select features by group."""

    RETURNS = "returns"
    TREND = "trend"
    MOMENTUM = "momentum"
    VOLATILITY = "volatility"
    VOLUME = "volume"
    CANDLE = "candle"
    RANGE = "range"
    CALENDAR = "calendar"
    HIGHER = "higher"
    PEERS = "peers"
    SENTIMENT = "sentiment"
    MACRO = "macro"


_MOST_PIECES = 64
"""A frame that grows row by row is put in one piece again when it has so many."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Everything that was known at each bar, row for row; only `features.join` makes them.

    All frames have the height and the order of `bars`. `bars` has the columns of `BAR_SCHEMA`.
    `higher` holds, per row, the last higher-timeframe bar that had **closed** by the row's time
    (`time open high low close volume`; null before the first, and where the next two are missing).
    `peers` holds one close a peer, at exactly the row's time, named by symbol, null where the peer
    has no bar. `stories` holds what was first seen after the previous row and up to this one:
    `count` (UInt32), `score_sum`, `score_squares`, `novelty_sum` (Float64), and `minutes_since` the
    last one seen (null before the first).
    `macro` holds the same for releases: `surprise_base` and `surprise_quote`, sums of standardised
    surprises (actual less consensus over the past spread of that series; 0 when none), `count`
    and `minutes_since`, and the last levels seen of interest rates, percent a year: `policy_base`,
    `policy_quote`, and likewise `short_*` (2 years) and `long_*` (10 years), null before the first
    and 0 for a base that is no currency. `calendar` holds `minute_of_week` (UTC, Monday 00:00 = 0),
    `session_*` flags (sydney tokyo london new_york), `minutes_open` since the market's day opened,
    `minutes_to_close`, `first_of_day` and `after_holiday`.
    """

    instrument: Instrument
    timeframe: Timeframe
    bars: pl.DataFrame
    higher: pl.DataFrame
    peers: pl.DataFrame
    stories: pl.DataFrame
    macro: pl.DataFrame
    calendar: pl.DataFrame
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return self.bars.height

    @property
    def peer_symbols(self) -> tuple[str, ...]:
        """Return the peers, in the order of their columns."""
        return tuple(self.peers.columns)

    def numbers(self, kind: Input, column: str) -> npt.NDArray[np.float64]:
        """Return a column as read-only float64, shape (rows,); null is NaN. Made once."""
        found: npt.NDArray[np.float64] = self.once(
            (kind, column), lambda: _floats(getattr(self, kind.value)[column])
        )
        return found

    def times(self, kind: Input) -> npt.NDArray[np.int64]:
        """Return `time` of the bars or the higher bars in microseconds UTC; -1 for null."""
        found: npt.NDArray[np.int64] = self.once(
            (kind, "time"), lambda: _microseconds(getattr(self, kind.value)["time"])
        )
        return found

    def table(self, kind: Input) -> pl.DataFrame:
        """Return the frame of one kind."""
        found: pl.DataFrame = getattr(self, kind.value)
        return found

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is made
        """Return what `make` returns, made on the first call with `key`: features share it."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def tail(self, rows: int) -> "Frames":
        """Return the last `rows` rows of every frame."""
        return self.slice(max(0, self.rows - rows), rows)

    def slice(self, start: int, rows: int) -> "Frames":
        """Return `rows` rows from `start` on, of every frame."""
        cut = {kind.value: getattr(self, kind.value).slice(start, rows) for kind in Input}
        return Frames(self.instrument, self.timeframe, **cut)

    def with_row(self, row: "Frames") -> "Frames":
        """Return these rows and the one of `row` (height 1) after them."""
        both = {kind.value: _stacked(self, row, kind) for kind in Input}
        return Frames(self.instrument, self.timeframe, **both)


def _floats(series: pl.Series) -> npt.NDArray[np.float64]:
    values = series if series.dtype == pl.Float64 else series.cast(pl.Float64)
    array = values.to_numpy()  # null is NaN there
    array.flags.writeable = False
    return array


def _microseconds(series: pl.Series) -> npt.NDArray[np.int64]:
    if series.null_count():
        return series.dt.epoch("us").fill_null(-1).to_numpy()
    return micros(series)


def _stacked(frames: Frames, row: Frames, kind: Input) -> pl.DataFrame:
    before: pl.DataFrame = getattr(frames, kind.value)
    both = before.vstack(getattr(row, kind.value))
    return both if both.n_chunks() < _MOST_PIECES else both.rechunk()


class Feature(ABC):
    """A frozen dataclass whose fields are its settings, saved with every model trained on it.

    `columns` is the batch form. `start` and `stream` are the live form: the state after some rows,
    then one more row at a time. The promises, checked for every feature by the contract tests:
    values at t do not change, to the bit, when the future arrives; streaming equals batch to 1e-10
    of the column's standard deviation; a restart from `warm_up` rows equals it to 1e-6. Values in
    the first `lookback - 1` rows are null; later a value may be null only where its input is.
    """

    group: ClassVar[Group]
    inputs: ClassVar[frozenset[Input]]
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Refuse a setting that is not a positive number or a tuple of different ones."""
        for name, value in self.settings().items():
            numbers = value if isinstance(value, tuple) else (value,)
            if (
                not numbers
                or len(set(numbers)) < len(numbers)
                or any(isinstance(n, bool) or not 0 < n < math.inf for n in numbers)
            ):
                raise SettingsError(
                    f"{type(self).__name__}: {name} takes positive numbers; found {value}"
                )

    @property
    @abstractmethod
    def lookback(self) -> int:
        """Return how many rows, this one included, the first non-null value needs."""

    @property
    def warm_up(self) -> int:
        """Return from how many rows a restart agrees to 1e-6 of the standard deviation."""
        return self.lookback

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns, which name the settings where these can differ."""

    @abstractmethod
    def columns(self, frames: Frames) -> pl.DataFrame:
        """Return the columns (Float64) for every row of `frames`."""

    def start(self, frames: Frames) -> Any:  # noqa: ANN401 - each feature knows its own state
        """Return the state after `frames`, from which `stream` goes on."""
        return frames.tail(self.warm_up)

    def stream(self, state: Any, row: Frames) -> tuple[Any, tuple[float | None, ...]]:  # noqa: ANN401
        """Return the state after one more row (`row` has height 1) and the row's values.

        This default recomputes the last `warm_up` rows, right for every windowed feature; a
        recursive one keeps its own state and overrides both.
        """
        frames = state.tail(self.warm_up - 1).with_row(row)
        values = self.columns(frames).row(-1)
        return frames, values

    def settings(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]
