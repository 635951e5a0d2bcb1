"""Features that look back over a few rows before, after and between exponential averages."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.features.contract import Frames
from assay.features.recursive import average, follow, rows_to_forget
from assay.features.stateful import Stateful
from assay.features.windows import Parts, Vector


@dataclass(frozen=True, slots=True)
class ChainMemory:
    """What a chained feature keeps: how many rows it saw, and its averages.

    `paths` has one entry a chain, and in it one vector (`depth` rows at most) an average.
    """

    rows: int
    paths: tuple[Parts, ...]


class Chained(Stateful):
    """A feature of the form: drives -> averages of averages -> read over their last rows.

    A drive may look at `reach` rows. It is averaged by the first weight of its chain, the outcome
    by the second, and so on. `read` is handed `depth` rows and all the averages at these rows.
    """

    @property
    @abstractmethod
    def chains(self) -> tuple[tuple[float, ...], ...]:
        """Return for each drive the weights of its averages, in order."""

    @property
    def reach(self) -> int:
        """Return how many rows, this one included, a drive looks at."""
        return 2

    @property
    def depth(self) -> int:
        """Return how many rows, this one included, `read` looks at."""
        return 1

    @property
    def rows_seen(self) -> int:
        """See `Stateful.rows_seen`."""
        return max(self.reach, self.depth)

    @property
    def warm_up(self) -> int:
        """See `Feature.warm_up`; each average must have forgotten its start."""
        return self.lookback + max(sum(map(rows_to_forget, chain)) for chain in self.chains)

    @abstractmethod
    def drives(self, frames: Frames) -> Parts:
        """Return the series that are averaged first; NaN where there is nothing new."""

    def link(self, averaged: Vector) -> Vector:
        """Return what the next average of a chain averages: here the one before it."""
        return averaged

    @abstractmethod
    def read(self, frames: Frames, paths: tuple[Parts, ...]) -> Parts:
        """Return the columns, in the order of `names`; `paths[c][a]` is average a of chain c."""

    def begin(self) -> ChainMemory:
        """Return the memory before the first row."""
        return ChainMemory(0, tuple((np.empty(0),) * len(chain) for chain in self.chains))

    def go_on(self, memory: Any, frames: Frames, before: int = 0) -> tuple[ChainMemory, Parts]:  # noqa: ANN401 - as in `Stateful.go_on`
        """See `Stateful.go_on`."""
        new = frames.rows - before
        if not new:
            return memory, (np.empty(0),) * len(self.names)
        drives = tuple(drive[before:] for drive in self.drives(frames))
        paths = tuple(map(self._longer, memory.paths, drives, self.chains))
        kept = tuple(tuple(map(np.copy, _ends(path, self.depth))) for path in paths)
        known = min(before, self.depth - 1)
        rows = frames.slice(before - known, known + new) if before > known else frames
        values = self.read(rows, tuple(_ends(path, known + new) for path in paths))
        after = ChainMemory(memory.rows + new, kept)
        return after, tuple(value[known:] for value in values)

    def step(self, memory: Any, frames: Frames) -> tuple[ChainMemory, tuple[float | None, ...]]:  # noqa: ANN401 - as in `Stateful.step`
        """See `Stateful.step`."""
        drives = tuple(drive[-1:] for drive in self.drives(frames))
        paths = tuple(map(self._stepped, memory.paths, drives, self.chains))
        after = ChainMemory(memory.rows + 1, paths)
        if after.rows < self.lookback:
            return after, (None,) * len(self.names)
        rows = frames.slice(max(0, frames.rows - self.depth), self.depth)
        read = (float(value[-1]) for value in self.read(rows, paths))
        return after, tuple(None if math.isnan(value) else value for value in read)

    def _longer(self, path: Parts, drive: Vector, weights: tuple[float, ...]) -> Parts:
        """Return the averages of a chain, with those of the new rows after those kept."""
        longer: list[Vector] = []
        for before, weight in zip(path, weights, strict=True):
            values = self.link(longer[-1][-drive.size :]) if longer else drive
            last = float(before[-1]) if before.size else math.nan
            new = average(values, weight, None if math.isnan(last) else last)
            longer.append(np.concatenate([before, new]) if before.size else new)
        return tuple(longer)

    def _stepped(self, path: Parts, drive: Vector, weights: tuple[float, ...]) -> Parts:
        """Return the last `depth` averages of a chain after one more row."""
        stepped: list[Vector] = []
        for before, weight in zip(path, weights, strict=True):
            value = float(self.link(stepped[-1][-1:])[0] if stepped else drive[0])
            last = float(before[-1]) if before.size else math.nan
            kept = before[1:] if before.size == self.depth else before
            stepped.append(np.concatenate([kept, [follow(last, value, weight)]]))
        return tuple(stepped)


def _ends(path: Parts, rows: int) -> Parts:
    return tuple(values[-rows:] for values in path)
