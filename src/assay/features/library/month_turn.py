"""Whether the month turns, and how much of it has passed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from assay.features.clocks import DAY_MINUTES, date_before, day_close, once_a_run
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector

_FIRST_DAYS, _LAST_DAYS = 3, 1


@dataclass(frozen=True, slots=True)
class MonthTurn(Windowed):
    """1 on the last working day of a month and the first three of the next; and the share passed.

    A day of the market is named by the date it closes on; Monday to Friday are working days, and
    days beside them that lie in the turn belong to it. The share, in (0, 1], is that of the month
    at the close of the day. Null where the calendar is. Source: the turn of the month, Lakonishok &
    Smidt (1988).
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
        return "month_turn", "month_share"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close = day_close(frames)
        known = np.where(np.isnan(close), np.nan, 0.0)
        turn, share = once_a_run(close, _turns), once_a_run(close, _shares)
        return {"month_turn": turn + known, "month_share": share + known}


def _turns(close: Vector) -> Vector:
    day, month = _dated(close)
    begun = np.busday_count(month.astype("M8[D]"), day + 1)
    left = np.busday_count(day, (month + 1).astype("M8[D]"))
    return ((begun <= _FIRST_DAYS) | (left <= _LAST_DAYS)).astype(np.float64)


def _shares(close: Vector) -> Vector:
    _, month = _dated(close)
    begin, end = (edge.astype("M8[D]").astype(np.float64) for edge in (month, month + 1))
    return (close / DAY_MINUTES - begin) / (end - begin)


def _dated(close: Vector) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    day = date_before(close).astype("M8[D]")
    return day, day.astype("M8[M]")
