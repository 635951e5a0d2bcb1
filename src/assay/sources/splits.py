"""Jumps in a share's bars that look like a split nobody adjusted for, and the adjustment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.values.bars import PRICES, Bars
from assay.core.values.instrument import AssetClass
from assay.sources.contract import Note

RATIOS = tuple(
    (new, old)
    for many, one in ((3, 2), *((n, 1) for n in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50)))
    for new, old in ((many, one), (one, many))
)
"""New shares for old ones: the splits that companies make, and the same in reverse."""
NEAR, NEAR_LARGE = 0.05, 0.15
"""How far, as a log return, the first price after a split may lie from the exact ratio: what the
share itself did over night. 3 for 2 is then a fall of 30 to 37 %; from 2 for 1 on, where hardly a
share moves so by itself, three times as far: 42 to 57 %. A lively share moves a tenth in a night
once in half a year, and then hides a split from a narrower reach."""
OVER_NIGHT = timedelta(hours=6)
"""A break that parts sessions, where a bar after hours counts as the next one's."""
LONGEST_BREAK = timedelta(days=7)
"""Bars further apart are not compared: a share may halve by itself in the meantime."""


@dataclass(frozen=True, slots=True)
class Split:
    """A jump from one session to the next as `new` shares for `old` ones make it.

    `day` is the first session after it and `at` (UTC) the close of its first bar; `before` is the
    last close, `after` the next open. It looks like a split: whether it was one, the bars cannot
    know.
    """

    day: date
    at: datetime
    new: int
    old: int
    before: float
    after: float

    @property
    def factor(self) -> float:
        """Return what earlier prices are divided by, and earlier volumes multiplied with."""
        return self.new / self.old

    @property
    def name(self) -> str:
        """Return the words for it, for example "4-for-1"."""
        return f"{self.new}-for-{self.old}"

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "date": str(self.day),
            "at": self.at,
            "new": self.new,
            "old": self.old,
            "before": self.before,
            "after": self.after,
        }

    def doubt(self) -> str:
        """Return the sentence about a jump that stands in the bars, and what to do about it."""
        return (
            f"{self.day}: {self.before:g} was followed by {self.after:g}, which looks like a "
            f"{self.name} split that was not adjusted for: returns over it are {self._move()} that "
            "nobody made; if the company did split, import the file with --adjust-splits"
        )

    def done(self) -> str:
        """Return the sentence about a split that was adjusted for."""
        return (
            f"{self.day}: a {self.name} split was adjusted for: {self.before:g} was followed by "
            f"{self.after:g}, so earlier prices were divided by {self.factor:g} and earlier "
            f"volumes multiplied by it ({self.before:g} became {self.before / self.factor:g})"
        )

    def _move(self) -> str:
        moved = self.after / self.before - 1.0
        return f"a {'gain' if moved > 0 else 'loss'} of {abs(moved):.0%}"


def find_splits(bars: Bars, market: Calendar) -> tuple[Split, ...]:
    """Return the jumps of a share that look like unadjusted splits, oldest first.

    Compared are the closes before and the opens after the break between two sessions; a jump is
    one where their ratio lies within `NEAR` (or `NEAR_LARGE`) of one of `RATIOS`. Other instruments
    do not split and have none.
    """
    if bars.instrument.asset_class is not AssetClass.EQUITY or len(bars) < 2:
        return ()
    days = market.trading_day(bars.frame["time"], bars.timeframe)
    steps = bars.frame.select(
        "time",
        day=days,
        before=pl.col("close").shift(1),
        after=pl.col("open"),
        seam=((days != days.shift(1)) | (pl.col("time").diff() >= OVER_NIGHT))
        & (pl.col("time").diff() <= LONGEST_BREAK),
    ).filter("seam")
    logs = np.log([new / old for new, old in RATIOS])
    jumps = np.log(steps["before"].to_numpy() / steps["after"].to_numpy())
    large = np.flatnonzero(np.abs(jumps) >= np.abs(logs).min() - NEAR)
    found = []
    for at in large:
        nearest = int(np.argmin(np.abs(logs - jumps[at])))
        near = NEAR_LARGE if abs(logs[nearest]) >= np.log(2) - 1e-9 else NEAR
        if abs(logs[nearest] - jumps[at]) <= near:
            row = steps.row(int(at), named=True)
            new, old = RATIOS[nearest]
            found.append(Split(row["day"], row["time"], new, old, row["before"], row["after"]))
    return tuple(found)


def adjusted(bars: Bars, splits: Sequence[Split]) -> Bars:
    """Return `bars` as if the splits had always been: earlier prices down, earlier volumes up.

    Every bar that closed before a split has its prices divided by the product of the factors of
    all later splits and its volume multiplied by it; later bars stay as they are.
    """
    factor = pl.lit(1.0)
    for split in splits:
        earlier = pl.col("time") < split.at
        factor = factor * pl.when(earlier).then(split.factor).otherwise(1.0)
    frame = bars.frame.with_columns(
        *(pl.col(name) / factor for name in PRICES), volume=pl.col("volume") * factor
    )
    return Bars(bars.instrument, bars.timeframe, frame)


def split_notes(splits: Sequence[Split], *, were_adjusted: bool) -> tuple[Note, ...]:
    """Return a note for each split, in the words for what was done about it."""
    if were_adjusted:
        return tuple(Note("split_adjusted", split.done()) for split in splits)
    return tuple(Note("split", split.doubt()) for split in splits)
