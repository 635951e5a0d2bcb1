"""Whether news and figures still arrive: a feed that fell silent makes a signal wait."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.table import micro, micros
from assay.core.values.instrument import Instrument
from assay.workflows.desk import FOREVER, Desk

QUIET_NEWS = timedelta(days=7)
"""No market is without a headline for longer; a story about the whole market counts."""
QUIET_FIGURES = timedelta(days=45)
"""Every economy publishes something each month."""
_NEVER = micro(datetime.min.replace(tzinfo=UTC))


def unheard(
    desk: Desk, instrument: Instrument, times: pl.Series, *, simulated: bool
) -> NDArray[np.bool_]:
    """Return (n,) at which of `times` (UTC) news or figures had arrived before, and then stopped.

    What never began is no silence: models trained without it miss nothing. Only what had been seen
    by then counts.
    """
    stories = desk.documents.stories([instrument.symbol], FOREVER, simulated=simulated)
    figures = [
        desk.documents.releases([money], FOREVER, simulated=simulated)["seen_at"]
        for money in sorted({instrument.base, instrument.quote})
    ]
    news = silent_since(times, QUIET_NEWS, stories["seen_at"])
    return news | silent_since(times, QUIET_FIGURES, *figures)


def silent_since(times: pl.Series, longest: timedelta, *seen: pl.Series) -> NDArray[np.bool_]:
    """Return at which of `times` the last of all `seen` is longer ago than `longest`.

    All are UTC; `times` and each of `seen` are in order.
    """
    at = micros(times)
    last = np.full(at.size, _NEVER)
    for one in seen:
        last = np.maximum(last, _last(micros(one), at))
    late: NDArray[np.bool_] = (last > _NEVER) & (at - last > longest // timedelta.resolution)
    return late


def _last(known: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the last of `known` by each of `at`, both in order; `_NEVER` before the first."""
    before = int(known.searchsorted(at[0], "right")) - 1 if at.size else 0
    recent = np.append(_NEVER, known[max(before, 0) :])
    found: NDArray[np.int64] = recent[recent.searchsorted(at, "right") - 1]
    return found
