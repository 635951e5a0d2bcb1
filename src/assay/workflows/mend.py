"""Mend stored bars by what is wrong with them: a newer version beside the old, nothing lost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Code, Flaw
from assay.sources.quality.rules import find_flaws
from assay.workflows.desk import Desk

TAKEN_AWAY = (Code.SPIKE, Code.STALE)
LEFT = {
    Code.SPLIT: "a split is adjusted for by importing its file with --adjust-splits",
    Code.THIN_VOLUME: "nobody knows what the volume was",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What mending a series would do: bars taken away, bars put at other times, flaws left.

    `away` are closes of stored bars, `moved` the bars of moved weeks at their right times.
    """

    symbol: str
    timeframe: Timeframe
    away: tuple[datetime, ...]
    moved: Bars
    mended: tuple[Flaw, ...]
    left: tuple[Flaw, ...]

    def __bool__(self) -> bool:
        return bool(self.mended)

    @property
    def words(self) -> str:
        """Return what is done, as the reason that is kept with the bars."""
        counts = Counter(flaw.code for flaw in self.mended)
        told = ", ".join(f"{count} x {code}" for code, count in sorted(counts.items()))
        return f"mended by rule: {told}"

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "taken_away": len(self.away),
            "moved": len(self.moved),
            "mended": [flaw.to_json() for flaw in self.mended],
            "left": [flaw.to_json() for flaw in self.left],
        }


def plan_mending(desk: Desk, symbol: str, timeframe: Timeframe) -> Plan:
    """Return what mending would do; changes nothing.

    A spike is taken away, and of closes that stand still all but the first: a gap is honest. A week
    in another zone is put back, where it does not run past the last bar. Splits and thin volumes
    are left (`LEFT`).
    """
    instrument = desk.instrument(symbol)
    bars = desk.bars.read(instrument, timeframe)
    flaws = find_flaws(bars.frame, instrument, timeframe, calendar(instrument.calendar))
    times = bars.frame["time"]
    away: dict[datetime, None] = {}
    moved, mended, left = [], [], []
    for flaw in flaws:
        if flaw.code in TAKEN_AWAY:
            first = flaw.start + (flaw.code is Code.STALE)
            away |= dict.fromkeys(times[first : flaw.end + 1].to_list())
            mended.append(flaw)
        elif flaw.code is Code.WRONG_ZONE and not _runs_over(times, flaw):
            rows = bars.frame[flaw.start : flaw.end + 1]
            by = timedelta(microseconds=flaw.moved_by)
            moved.append(rows.with_columns(pl.col("time") - by))
            away |= dict.fromkeys(rows["time"].to_list())
            mended.append(flaw)
        else:
            left.append(flaw)
    frame = pl.concat(moved).sort("time") if moved else BAR_SCHEMA.to_frame()
    kept = set(frame["time"].to_list())
    gone = tuple(sorted(time for time in away if time not in kept))
    return Plan(
        instrument.symbol,
        timeframe,
        gone,
        Bars(instrument, timeframe, frame),
        tuple(mended),
        tuple(left),
    )


def _runs_over(times: pl.Series, flaw: Flaw) -> bool:
    """Say whether a week, put back, would run into its neighbours or past the last bar."""
    by = timedelta(microseconds=flaw.moved_by)
    first, last = times[flaw.start] - by, times[flaw.end] - by
    before = times[flaw.start - 1] if flaw.start else None
    after = times[flaw.end + 1] if flaw.end + 1 < len(times) else None
    if after is None and by < timedelta(0):
        return True
    return (before is not None and first <= before) or (after is not None and last >= after)


def mend(desk: Desk, plan: Plan) -> int:
    """Store what `plan` says as a newer version; return how many bars it touched."""
    if not plan:
        return 0
    return desk.bars.correct(
        plan.moved, reason=plan.words, known_at=desk.clock.now(), without=plan.away
    )


def counted(flaws: Sequence[Flaw]) -> list[tuple[Code, str, int, int]]:
    """Return for each class that occurs: code, severity, how many times, and in how many bars."""
    found: dict[Code, list[Flaw]] = {}
    for flaw in flaws:
        found.setdefault(flaw.code, []).append(flaw)
    return [
        (code, str(own[0].severity), len(own), sum(f.end - f.start + 1 for f in own))
        for code, own in found.items()
    ]
