"""What a label is: what happened after t, and when it was known."""

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any, ClassVar

import polars as pl


class Label(ABC):
    """A frozen dataclass whose fields are its settings.

    A label is computed **inside a span**: it is handed the bars of that span alone, and a row whose
    outcome would lie past the last of them is null. Its end time `t1` is the purge width.
    """

    version: ClassVar[int] = 1

    @property
    @abstractmethod
    def horizon_bars(self) -> int:
        """Return the longest time, in bars, that an outcome can take."""

    @property
    def scale_bars(self) -> int:
        """Return how many rows of past the label's own scale needs; 0 if it has none.

        Beyond them a value does not depend on bars before its own; volatility is handed in.
        """
        return 0

    @abstractmethod
    def values(self, bars: pl.DataFrame, volatility: pl.Series) -> pl.DataFrame:
        """Return `time`, `value` (Float64) and `t1` (UTC), one row a bar.

        `bars` has the columns of `BAR_SCHEMA`; `volatility` (Float64, same height) is the expected
        standard deviation of **one bar's** log return, known at the bar's close, null in warm-up.
        `value` and `t1` are null where the outcome is not inside the span or volatility is null.
        """

    def settings(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]
