"""Features that remember: a small memory after some rows, from which more rows go on."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import polars as pl

from assay.features.contract import Feature, Frames
from assay.features.series import table
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class Kept:
    """The state of a stream: what the feature remembers, and the rows its next step needs."""

    memory: Any
    recent: Frames


class Stateful(Feature):
    """A feature whose rows go on from a memory, many at once or one; both from one formula.

    Neither the memory nor what is read from it depends on how the rows are cut into pieces.
    """

    @property
    def rows_seen(self) -> int:
        """Return how many rows, this one included, one more step looks at."""
        return 2

    @abstractmethod
    def begin(self) -> Any:  # noqa: ANN401 - each form knows its own memory
        """Return the memory before the first row."""

    @abstractmethod
    def go_on(self, memory: Any, frames: Frames, before: int = 0) -> tuple[Any, Parts]:  # noqa: ANN401
        """Return the memory after the rows of `frames` from `before` on, and the columns there.

        `before` is how many rows that the memory has seen `frames` begins with: `rows_seen - 1` of
        them at least, or all there were. Columns are not yet NaN in the first `lookback - 1` rows.
        """

    @abstractmethod
    def step(self, memory: Any, frames: Frames) -> tuple[Any, tuple[float | None, ...]]:  # noqa: ANN401
        """Return the memory after the last row of `frames`, and the values there.

        `frames` has the last `rows_seen` rows or all there are; the memory keeps none of them.
        """

    def columns(self, frames: Frames) -> pl.DataFrame:
        """See `Feature.columns`."""
        _, values = self.go_on(self.begin(), frames)
        return table(self, dict(zip(self.names, values, strict=True)))

    def start(self, frames: Frames) -> Kept:
        """See `Feature.start`."""
        memory, _ = self.go_on(self.begin(), frames)
        return Kept(memory, frames.tail(self.rows_seen - 1))

    def stream(self, state: Any, row: Frames) -> tuple[Kept, tuple[float | None, ...]]:  # noqa: ANN401 - as in `Feature.stream`
        """See `Feature.stream`."""
        frames = state.recent.with_row(row)
        memory, values = self.step(state.memory, frames)
        return Kept(memory, frames.tail(self.rows_seen - 1)), values
