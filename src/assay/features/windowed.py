"""Features of the last `lookback` rows alone: what came before them never mattered."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import polars as pl

from assay.features.contract import Feature, Frames
from assay.features.series import table
from assay.features.windows import Vector


class Windowed(Feature):
    """A feature whose value at t is a function of the `lookback` rows up to t, to the bit."""

    @abstractmethod
    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """Return the columns by name, in the order of `names`, shape (rows,); NaN for none."""

    def columns(self, frames: Frames) -> pl.DataFrame:
        """See `Feature.columns`."""
        return table(self, self.values(frames))

    def latest(self, frames: Frames) -> list[float]:
        """Return the values of the last row, NaN for null.

        `frames` has the feature's `lookback` rows or more, or all there are.
        """
        if frames.rows < self.lookback:
            return [math.nan] * len(self.names)
        return [values[-1] for values in self.values(frames).values()]

    def stream(self, state: Any, row: Frames) -> tuple[Frames, tuple[float | None, ...]]:  # noqa: ANN401 - as in `Feature.stream`
        """See `Feature.stream`."""
        frames = state.tail(self.lookback - 1).with_row(row)
        last = map(float, self.latest(frames))
        return frames, tuple(None if math.isnan(value) else value for value in last)
