"""Where two sources tell of the same bars: in what they differ, and by how much."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.errors import DataError
from assay.core.values.timeframe import Timeframe
from assay.sources.splits import RATIOS

Floats = NDArray[np.float64]

FEWEST = 30
"""Fewer bars that both have say nothing."""
TYPICAL_BPS, FAR_BPS, FAR_SHARE = 5.0, 50.0, 0.01
"""Closes differ where their median distance is more basis points than the first, or where more
than such a share of them lie further apart than the second."""
LACKING = 0.02
"""A source that lacks such a share of the bars that the other has is said to."""
THIN, FULL = 0.2, 5.0
"""Volumes differ where one source prints less than a fifth of the other's."""
SHIFTED, CLEARER = 0.5, 0.2
"""Returns that correlate so much at another time than the own, and so much more, are shifted."""
SCALED_BPS, STEADY_BPS = 50.0, 25.0
"""Prices are on another scale where their ratio is that far from one and that steady."""
FURTHEST = timedelta(hours=24)
"""A clock is not looked for further away."""
MOST_LAGS = 300


class Kind(StrEnum):
    """In what two sources differ."""

    PRICE = "price"
    VOLUME = "volume"
    COVERAGE = "coverage"
    SHIFT = "time shift"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of difference, how large it is, and a sentence that says so."""

    kind: Kind
    measure: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two sources' bars of one span, compared.

    `both` bars stand in each, `only_here` and `only_there` in one. `median_bps` and `far_share` are
    distances of closes, after a shift and another scale were taken out; `volume_share` is ours as a
    share of theirs, None where one of them publishes none; `shift_bars` is how many bars theirs
    come later; `scale` is their prices over ours.
    """

    both: int
    only_here: int
    only_there: int
    median_bps: float
    far_share: float
    volume_share: float | None
    shift_bars: int
    scale: float
    differences: tuple[Difference, ...]


def compared(
    ours: pl.DataFrame, theirs: pl.DataFrame, timeframe: Timeframe, here: str, there: str
) -> Overlap:
    """Return what `theirs` (bars of the source called `there`) says against `ours`.

    Both have the columns of `BAR_SCHEMA` and are compared over the span that both cover. Fewer than
    `FEWEST` bars in common are a `DataError`.
    """
    ours, theirs = _common_span(ours, theirs)
    shift = _shift(ours, theirs, timeframe)
    moved = theirs.with_columns(pl.col("time") - shift * timeframe.length)
    joined = ours.join(moved, on="time", suffix="_there")
    if joined.height < FEWEST:
        raise DataError(
            f"{here} and {there} have {joined.height:,} {timeframe} bars in common; at least "
            f"{FEWEST} are needed to compare them"
        )
    apart = np.log(joined["close_there"].to_numpy() / joined["close"].to_numpy()) * 1e4
    scale = _scale(apart)
    apart = np.abs(apart - np.log(scale) * 1e4)
    both = joined.height
    found = Overlap(
        both=both,
        only_here=ours.height - both,
        only_there=theirs.height - both,
        median_bps=float(np.median(apart)),
        far_share=float((apart > FAR_BPS).mean()),
        volume_share=_volume_share(joined),
        shift_bars=shift,
        scale=scale,
        differences=(),
    )
    return _told(found, timeframe, here, there)


def _common_span(ours: pl.DataFrame, theirs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    if not (ours.height and theirs.height):
        return ours, theirs
    first = max(ours["time"][0], theirs["time"][0])
    last = min(ours["time"][-1], theirs["time"][-1])
    inside = pl.col("time").is_between(first, last)
    return ours.filter(inside), theirs.filter(inside)


def _shift(ours: pl.DataFrame, theirs: pl.DataFrame, timeframe: Timeframe) -> int:
    """Return by how many bars their returns come later than ours; 0 unless it is clear."""
    most = min(MOST_LAGS, max(3, FURTHEST // timeframe.length))
    here, there = _returns(ours, timeframe), _returns(theirs, timeframe)
    if here.height < FEWEST or there.height < FEWEST:
        return 0
    fits = {lag: _correlation(here, there, lag) for lag in range(-most, most + 1)}
    best = max(fits, key=lambda lag: fits[lag])
    return best if fits[best] > SHIFTED and fits[best] > fits[0] + CLEARER else 0


def _returns(frame: pl.DataFrame, timeframe: Timeframe) -> pl.DataFrame:
    """Return log returns at their place on the grid, of bars that follow each other alone."""
    place = pl.col("time").dt.epoch("us") // (timeframe.minutes * 60_000_000)
    return frame.select(place=place, move=pl.col("close").log().diff()).filter(
        pl.col("place").diff() == 1
    )


def _correlation(here: pl.DataFrame, there: pl.DataFrame, lag: int) -> float:
    both = here.join(there.with_columns(pl.col("place") - lag), on="place", suffix="_there")
    if both.height < FEWEST:
        return 0.0
    a, b = both["move"].to_numpy(), both["move_there"].to_numpy()
    if a.std() == 0.0 or b.std() == 0.0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _scale(apart_bps: Floats) -> float:
    """Return the steady ratio of their prices to ours; 1 where there is none."""
    middle = float(np.median(apart_bps))
    spread = float(np.median(np.abs(apart_bps - middle)))
    if abs(middle) < SCALED_BPS or spread > STEADY_BPS:
        return 1.0
    return float(np.exp(middle / 1e4))


def _volume_share(joined: pl.DataFrame) -> float | None:
    here, there = float(joined["volume"].sum()), float(joined["volume_there"].sum())
    return here / there if here > 0.0 and there > 0.0 else None


def _told(found: Overlap, timeframe: Timeframe, here: str, there: str) -> Overlap:
    told = [
        difference
        for difference in (
            _shift_told(found, timeframe, here, there),
            _scale_told(found, here, there),
            _price_told(found, here, there),
            _volume_told(found, here, there),
            *_coverage_told(found, here, there),
        )
        if difference is not None
    ]
    values = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return Overlap(**{**values, "differences": tuple(told)})


def _shift_told(found: Overlap, timeframe: Timeframe, here: str, there: str) -> Difference | None:
    if not found.shift_bars:
        return None
    later = "later" if found.shift_bars > 0 else "earlier"
    length = abs(found.shift_bars) * timeframe.length
    sentence = (
        f"{there} moves {length} {later} than {here}: one of them stamps bars with another clock "
        "or another end"
    )
    return Difference(Kind.SHIFT, float(found.shift_bars), sentence)


def _scale_told(found: Overlap, here: str, there: str) -> Difference | None:
    if found.scale == 1.0:
        return None
    near = [f"{new}-for-{old}" for new, old in RATIOS if abs(old / new / found.scale - 1.0) < 0.01]
    split = f", as after a {near[0]} split that only one adjusts for" if near else ""
    sentence = f"{there} tells prices {found.scale:.4g} times those of {here}{split}"
    return Difference(Kind.ADJUSTMENT, found.scale, sentence)


def _price_told(found: Overlap, here: str, there: str) -> Difference | None:
    if found.median_bps <= TYPICAL_BPS and found.far_share <= FAR_SHARE:
        return None
    sentence = (
        f"Closes of {there} lie {found.median_bps:.1f} basis points from those of {here} (median), "
        f"{found.far_share:.1%} of them more than {FAR_BPS:g}"
    )
    return Difference(Kind.PRICE, found.median_bps, sentence)


def _volume_told(found: Overlap, here: str, there: str) -> Difference | None:
    share = found.volume_share
    if share is None or THIN <= share <= FULL:
        return None
    thin, full = (here, there) if share < THIN else (there, here)
    part = min(share, 1.0 / share)
    sentence = f"{thin} prints {share_words(part)} of the volume of {full}"
    return Difference(Kind.VOLUME, share, sentence)


def share_words(share: float) -> str:
    """Return a share in per cent; one too small to show is not said to be nothing."""
    return f"{share:.1%}" if share >= 0.001 else "less than 0.1%"


def _coverage_told(found: Overlap, here: str, there: str) -> list[Difference]:
    every = found.both + found.only_here + found.only_there
    lacking = ((here, found.only_there), (there, found.only_here))
    return [
        Difference(
            Kind.COVERAGE,
            missing / every,
            f"{name} lacks {missing:,} of {every:,} bars ({missing / every:.1%}) the other has",
        )
        for name, missing in lacking
        if missing > LACKING * every
    ]
