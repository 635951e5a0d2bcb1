"""Whether news and figures still arrive: a feed that fell silent makes a signal wait."""

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.values.instrument import Instrument
from assay.workflows.desk import FOREVER, Desk

QUIET_NEWS = timedelta(days=7)
"""No market is without a headline for longer; a story about the whole market counts."""
QUIET_FIGURES = timedelta(days=45)
"""Every economy publishes something each month."""


def unheard(
    desk: Desk, instrument: Instrument, times: pl.Series, *, simulated: bool
) -> NDArray[np.bool_]:
    """Return (n,) at which of `times` (UTC) news or figures had arrived before, and then stopped.

    What never began is no silence: models trained without it miss nothing. Only what had been seen
    by then counts.
    """
    stories = desk.documents.stories([instrument.symbol], FOREVER, simulated=simulated)
    figures = desk.documents.releases(
        [instrument.base, instrument.quote], FOREVER, simulated=simulated
    )
    news = silent_since(times, stories["seen_at"], QUIET_NEWS)
    return news | silent_since(times, figures["seen_at"], QUIET_FIGURES)


def silent_since(times: pl.Series, seen: pl.Series, longest: timedelta) -> NDArray[np.bool_]:
    """Return at which of `times` the last of `seen` (both UTC) is longer ago than `longest`."""
    at = times.dt.epoch("us").to_numpy()
    known = np.sort(seen.dt.epoch("us").to_numpy())
    if not known.size:
        return np.zeros(at.size, dtype=np.bool_)
    last = np.searchsorted(known, at, side="right") - 1
    ago = at - known[np.maximum(last, 0)]
    late: NDArray[np.bool_] = (last >= 0) & (ago > longest // timedelta(microseconds=1))
    return late
