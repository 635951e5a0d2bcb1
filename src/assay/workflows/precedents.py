"""What came of earlier signals like one: the same series, side and strength, known by then."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from assay.core.errors import NotFoundError
from assay.evaluation.reliability import wilson
from assay.store.briefs import Brief, Wanted, briefs
from assay.store.signals import SignalRow
from assay.workflows.desk import Desk
from assay.workflows.gather import CLASS_LABEL
from assay.workflows.stored_instruments import known

NEAR = 15.0
"""Points of conviction (of 100) within which a signal is alike."""
FEW = 30
"""Under so many a share says little, and is to be shown greyed."""
MOST = 5_000
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Precedent:
    """One earlier signal and what came: the log return over its horizon, in its volatility.

    `hit` says whether the side was right; None where it moved less than the label's band.
    """

    signal: Brief
    scaled: float
    hit: bool | None


@dataclass(frozen=True, slots=True)
class Precedents:
    """Earlier signals of a series with the same lean, within `NEAR` points of its conviction.

    Only those whose horizon was over when the signal's bar closed, so that nothing is hindsight.
    `n` are all, `moved` those that moved out of the band, `hits` of these went to the side;
    `low`..`high` is Wilson's 95 % interval of hits / moved. `in_sample` of the `n` were of bars
    whose outcome the pool had learned from: they flatter it.
    """

    rule: str
    n: int
    moved: int
    hits: int
    share: float | None
    low: float | None
    high: float | None
    in_sample: int
    cases: tuple[Precedent, ...]

    @property
    def few(self) -> bool:
        """Say whether a share of them says little."""
        return self.moved < FEW


def precedents(desk: Desk, row: SignalRow) -> Precedents:
    """Return what came of the signals of the series that were like `row`, the newest first."""
    said = row.payload
    alike = [
        one
        for one in briefs(desk.database, Wanted(row.symbol, row.timeframe), limit=MOST)
        if one.as_of < row.as_of
        and one.direction == said["direction"]
        and abs((one.conviction or 0.0) - (row.conviction or 0.0)) <= NEAR
    ]
    found = _resolved(desk, row, alike)
    moved = [one.hit for one in found if one.hit is not None]
    hits, share, low, high = sum(moved), None, None, None
    if moved:
        share = hits / len(moved)
        ends = wilson(np.array([float(hits)]), np.array([len(moved)]))
        low, high = float(ends[0][0]), float(ends[1][0])
    return Precedents(
        rule=(
            f"{row.symbol} {row.timeframe}, lean {said['direction']}, conviction within "
            f"{NEAR:.0f} of {row.conviction or 0.0:.0f}, over when this bar closed"
        ),
        n=len(found),
        moved=len(moved),
        hits=hits,
        share=share,
        low=low,
        high=high,
        in_sample=sum(one.signal.in_sample for one in found),
        cases=tuple(found[:SHOWN]),
    )


def _resolved(desk: Desk, row: SignalRow, alike: Sequence[Brief]) -> list[Precedent]:
    """Return those whose horizon was over by the bar of `row`; of a bar told twice the newest."""
    if not alike:
        return []
    start = min(one.as_of for one in alike)
    try:
        bars = desk.bars.read(known(desk, row.symbol), row.timeframe, start, row.as_of).frame
    except NotFoundError:
        return []
    times = bars["time"].dt.epoch("us").to_numpy()
    closes = bars["close"].to_numpy()
    asked = pl.Series([one.as_of for one in alike], dtype=bars.schema["time"])
    found: dict[int, Precedent] = {}
    for one, stamp in zip(alike, asked.dt.epoch("us").to_list(), strict=True):
        place = int(np.searchsorted(times, stamp))
        last = place + one.horizon_bars
        if last >= len(times) or times[place] != stamp or stamp in found:
            continue
        scaled = math.log(closes[last] / closes[place]) / one.volatility
        found[stamp] = Precedent(one, scaled, _hit(one.direction, scaled))
    return [found[stamp] for stamp in sorted(found, reverse=True)]


def _hit(direction: str, scaled: float) -> bool | None:
    band = CLASS_LABEL["band"]
    if abs(scaled) <= band or direction == "NONE":
        return None
    return (scaled > 0) == (direction == "UP")
