"""Features that remember through exponential averages: O(1) memory, one formula for both forms."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl

from assay.features.contract import Frames
from assay.features.stateful import Stateful
from assay.features.windows import Parts, Vector, compiled

_FORGOTTEN = 1e-9


def average(values: Vector, weight: float, seed: float | None = None) -> Vector:
    """Return the exponential average a += weight (x - a), row by row.

    It begins at `seed`, or at the first value. A NaN leaves it as it was; before the first value
    it is the seed, or NaN.
    """
    fast = compiled()
    if fast:
        begun = math.nan if seed is None else seed
        return cast("Vector", fast.averaged(np.ascontiguousarray(values), weight, begun))
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


def averages(drives: Parts, weights: tuple[float, ...], before: tuple[float, ...]) -> Parts:
    """Return the `average` of each drive from the value before it (NaN for none) on."""
    fast = compiled()
    if not fast or len(drives) < 2:
        seeds = (None if math.isnan(value) else value for value in before)
        return tuple(map(average, drives, weights, seeds))
    found: list[Vector] = []
    for first in range(0, len(drives), 3):
        places = [min(place, len(drives) - 1) for place in range(first, first + 3)]
        new = [np.empty(drives[0].size) for _ in places]
        fast.averaged_three(
            *(np.ascontiguousarray(drives[place]) for place in places),
            *(weights[place] for place in places),
            *(before[place] for place in places),
            *new,
        )
        found += new
    return tuple(found[: len(drives)])


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
    """What a recursive feature keeps: how many rows it saw, and its averages."""

    rows: int
    first: tuple[float, ...]
    second: tuple[float, ...]


class Recursive(Stateful):
    """A feature of the form: drive -> exponential averages (-> a second stage of them) -> read.

    `drives` may look at a row and the one before it; `seconds` and `read` at the row and the
    averages. `go_on` runs them over many rows, `step` over one, so they cannot drift apart.
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

    def begin(self) -> Memory:
        """Return the memory before the first row."""
        first = tuple(math.nan if seed is None else seed for seed in self.seeds)
        return Memory(0, first, (math.nan,) * len(self.second_weights))

    def go_on(self, memory: Any, frames: Frames, before: int = 0) -> tuple[Memory, Parts]:  # noqa: ANN401 - as in `Stateful.go_on`
        """See `Stateful.go_on`."""
        new = frames.slice(before, frames.rows - before) if before else frames
        if not new.rows:
            return memory, (np.empty(0),) * len(self.names)
        drives = tuple(drive[before:] for drive in self.drives(frames))
        first = averages(drives, self.weights, memory.first)
        second = averages(self.seconds(new, first), self.second_weights, memory.second)
        after = Memory(memory.rows + new.rows, _last(first), _last(second))
        return after, self.read(new, first, second)

    def step(self, memory: Any, frames: Frames) -> tuple[Memory, tuple[float | None, ...]]:  # noqa: ANN401 - as in `Stateful.step`
        """See `Stateful.step`."""
        row = frames.once("last row", lambda: frames.tail(1))
        first = _next(memory.first, self.drives(frames), self.weights)
        at_row = _arrays(first)
        second = _next(memory.second, self.seconds(row, at_row), self.second_weights)
        after = Memory(memory.rows + 1, first, second)
        if after.rows < self.lookback:
            return after, (None,) * len(self.names)
        values = self.read(row, at_row, _arrays(second))
        read = (float(value[0]) for value in values)
        return after, tuple(None if math.isnan(value) else value for value in read)


def _last(paths: Parts) -> tuple[float, ...]:
    return tuple(float(path[-1]) for path in paths)


def _next(
    before: tuple[float, ...], drives: Parts, weights: tuple[float, ...]
) -> tuple[float, ...]:
    new = (float(drive[-1]) for drive in drives)
    return tuple(follow(b, v, w) for b, v, w in zip(before, new, weights, strict=True))


def _arrays(values: tuple[float, ...]) -> Parts:
    return tuple(np.array([value]) for value in values)
