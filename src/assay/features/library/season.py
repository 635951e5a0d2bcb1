"""Which part of the year it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from typing import ClassVar

import numpy as np

from assay.features.clocks import DAY_MINUTES, date_before, day_close, once_a_run
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class Season(Windowed):
    """sin and cos of 2 pi times the share of the year that has passed at the close of the day.

    The market's day; null where the calendar is. Source: seasonality of returns, Bouman & Jacobsen
    (2002).
    """

    group: ClassVar[Group] = Group.CALENDAR
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return "season_sin", "season_cos"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close = day_close(frames)
        return {
            "season_sin": once_a_run(close, lambda moments: np.sin(_angle(moments))),
            "season_cos": once_a_run(close, lambda moments: np.cos(_angle(moments))),
        }


def _angle(close: Vector) -> Vector:
    year = date_before(close).astype("M8[D]").astype("M8[Y]")
    begin, end = (edge.astype("M8[D]").astype(np.float64) for edge in (year, year + 1))
    return 2.0 * pi * (close / DAY_MINUTES - begin) / (end - begin)
