"""Features that remember through exponential averages: O(1) memory, one formula for both forms."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from assay.features.contract import Feature, Frames, Input
from assay.features.series import table
from assay.features.windows import Parts, Vector

_FORGOTTEN = 1e-9


def average(values: Vector, weight: float, seed: float | None = None) -> Vector:
    """Return the exponential average a += weight (x - a), row by row.

    It begins at `seed`, or at the first value. A NaN leaves it as it was; before the first value
    it is the seed, or NaN.
    """
    missing = np.isnan(values)
    gaps = bool(missing.any())
    inputs = values[~missing] if gaps else values
    if seed is not None:
        inputs = np.concatenate([[seed], inputs])
    if not inputs.size:
        return np.full(values.shape, np.nan)
    path: Vector = pl.Series(inputs).ewm_mean(alpha=weight, adjust=False).to_numpy()
    if not gaps:
        return path[path.size - values.size :]
    states = path if seed is not None else np.concatenate([[np.nan], path])
    found: Vector = states[np.cumsum(~missing)]
    return found


def follow(before: float, value: float, weight: float) -> float:
    """Return the average after one more value; NaN before the first."""
    if math.isnan(value):
        return before
    return value if math.isnan(before) else before + weight * (value - before)


def span_weight(rows: int) -> float:
    """Return 2 / (rows + 1), the weight of an exponential average "of `rows` rows"."""
    return 2.0 / (rows + 1.0)


def half_life_weight(rows: float) -> float:
    """Return 1 - 2^(-1 / rows): half is forgotten after `rows` rows."""
    return float(1.0 - math.exp2(-1.0 / rows))


def rows_to_forget(weight: float) -> int:
    """Return after how many rows a start counts for less than a billionth."""
    if weight >= 1.0:
        return 1
    return math.ceil(math.log(_FORGOTTEN) / math.log1p(-weight))


@dataclass(frozen=True, slots=True)
class Memory:
    """What a recursive feature keeps: rows seen, the last row, its averages."""

    rows: int
    last: Frames | None
    first: tuple[float, ...]
    second: tuple[float, ...]


class Recursive(Feature):
    """A feature of the form: drive -> exponential averages (-> a second stage of them) -> read.

    `drives` may look at a row and the one before it; `seconds` and `read` at the row and the
    averages. `columns` runs them over all rows, `stream` over one, so they cannot drift apart.
    """

    @property
    @abstractmethod
    def weights(self) -> tuple[float, ...]:
        """Return the weight of each first-stage average."""

    @property
    def second_weights(self) -> tuple[float, ...]:
        """Return the weight of each second-stage average."""
        return ()

    @property
    def seeds(self) -> tuple[float | None, ...]:
        """Return where each first-stage average begins; None: at its first value."""
        return (None,) * len(self.weights)

    @property
    def warm_up(self) -> int:
        """See `Feature.warm_up`; each stage must have forgotten its start."""
        first = max(rows_to_forget(weight) for weight in self.weights)
        second = max((rows_to_forget(weight) for weight in self.second_weights), default=0)
        return self.lookback + first + second

    @abstractmethod
    def drives(self, frames: Frames) -> Parts:
        """Return the series that are averaged first; NaN where there is nothing new."""

    def seconds(self, frames: Frames, first: Parts) -> Parts:
        """Return the series that are averaged next."""
        return ()

    @abstractmethod
    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """Return the columns, in the order of `names`, from the rows and their averages."""

    def columns(self, frames: Frames) -> pl.DataFrame:
        """See `Feature.columns`."""
        first, second = self._averages(frames)
        values = self.read(frames, first, second)
        return table(self, dict(zip(self.names, values, strict=True)))

    def start(self, frames: Frames) -> Memory:
        """See `Feature.start`."""
        if not frames.bars.height:
            nothing = (math.nan,) * len(self.second_weights)
            begun = tuple(math.nan if seed is None else seed for seed in self.seeds)
            return Memory(0, None, begun, nothing)
        first, second = self._averages(frames)
        return Memory(
            frames.bars.height,
            frames.tail(1),
            tuple(float(path[-1]) for path in first),
            tuple(float(path[-1]) for path in second),
        )

    def stream(self, state: Any, row: Frames) -> tuple[Memory, tuple[float | None, ...]]:  # noqa: ANN401 - as in `Feature.stream`
        """See `Feature.stream`."""
        pair = row if state.last is None else _pair(state.last, row, self.inputs)
        first = _next(state.first, tuple(d[-1:] for d in self.drives(pair)), self.weights)
        second = _next(state.second, self.seconds(row, _arrays(first)), self.second_weights)
        memory = Memory(state.rows + 1, row, first, second)
        if memory.rows < self.lookback:
            return memory, (None,) * len(self.names)
        values = self.read(row, _arrays(first), _arrays(second))
        read = (float(value[0]) for value in values)
        return memory, tuple(None if math.isnan(value) else value for value in read)

    def _averages(self, frames: Frames) -> tuple[Parts, Parts]:
        drives = self.drives(frames)
        first = tuple(map(average, drives, self.weights, self.seeds))
        seconds = self.seconds(frames, first)
        return first, tuple(map(average, seconds, self.second_weights))


def _next(
    before: tuple[float, ...], drives: Parts, weights: tuple[float, ...]
) -> tuple[float, ...]:
    new = (float(drive[0]) for drive in drives)
    return tuple(follow(b, v, w) for b, v, w in zip(before, new, weights, strict=True))


def _arrays(values: tuple[float, ...]) -> Parts:
    return tuple(np.array([value]) for value in values)


def _pair(last: Frames, row: Frames, inputs: frozenset[Input]) -> Frames:
    """Return two rows of the declared inputs; the other frames are left empty."""
    both = {}
    for kind in Input:
        frame: pl.DataFrame = getattr(row, kind.value)
        before: pl.DataFrame = getattr(last, kind.value)
        both[kind.value] = before.vstack(frame) if kind in inputs else frame.clear()
    return Frames(row.instrument, row.timeframe, **both)
