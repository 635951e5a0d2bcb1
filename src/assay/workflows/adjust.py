"""Bars into the store as a file has them, or as if a share's splits had always been."""

from dataclasses import dataclass

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import DataError
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.sources.splits import Split, adjusted, find_splits
from assay.workflows.desk import Desk

SAME = 1e-9
"""Figures that differ by less, relatively, are one figure that was divided in another order."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a file's bars.

    `added` are new in the store; `renewed` are stored in a newer version, adjusted for splits;
    `splits` are the jumps that look like one, oldest first.
    """

    added: int
    renewed: int
    splits: tuple[Split, ...]


def store_as_it_is(desk: Desk, bars: Bars, source: str) -> Stored:
    """Store bars unchanged; jumps that look like splits are named, at the seam to the store too.

    Bars that contradict the stored ones are refused with `DataError`.
    """
    before = _last_before(desk, bars)
    splits = find_splits(_joined(before, bars), calendar(bars.instrument.calendar))
    try:
        added = desk.bars.append(bars, source=source, known_at=desk.clock.now())
    except DataError as error:
        if not splits:
            raise
        raise DataError(
            f"{error}; the file holds what looks like a {splits[0].name} split on "
            f"{splits[0].day}: if the stored bars are adjusted for it, say --adjust-splits"
        ) from None
    return Stored(added, 0, splits)


def store_adjusted(desk: Desk, bars: Bars, source: str) -> Stored:
    """Store bars as if their splits had always been.

    What is stored already is adjusted with them, as a correction: the version before stays
    readable. Bars that differ from the stored ones by more than their splits are refused with
    `DataError`, and nothing is stored.
    """
    market = calendar(bars.instrument.calendar)
    splits = find_splits(bars, market)
    flat = adjusted(bars, splits)
    if not desk.has(bars.instrument.symbol, bars.timeframe):
        named = f"{source}, splits adjusted" if splits else source
        added = desk.bars.append(flat, source=named, known_at=desk.clock.now())
        return Stored(added, 0, splits)
    old = desk.bars.read(bars.instrument, bars.timeframe)
    whole = _joined(old, _after(bars, old))
    standing = find_splits(whole, market)
    wanted = adjusted(whole, standing)
    held = wanted.until(old.last_time)
    _refuse_other_differences(flat, held)
    both = {split.at: split for split in (*splits, *standing)}
    every = tuple(both[at] for at in sorted(both))
    renewed = 0
    if standing:
        names = ", ".join(f"{split.name} on {split.day}" for split in standing)
        reason = f"adjusted for splits ({names}) with {source}"
        renewed = desk.bars.correct(held, reason=reason, known_at=desk.clock.now())
    named = f"{source}, splits adjusted" if every else source
    added = desk.bars.append(_after(wanted, old), source=named, known_at=desk.clock.now())
    return Stored(added, renewed, every)


def _last_before(desk: Desk, bars: Bars) -> Bars:
    """Return the last stored bar before the first of `bars`, or none."""
    instrument, timeframe = bars.instrument, bars.timeframe
    if not desk.has(instrument.symbol, timeframe):
        return Bars(instrument, timeframe, bars.frame.clear())
    first = bars.frame["time"][0]
    found = desk.bars.read(instrument, timeframe, end=first).frame
    return Bars(instrument, timeframe, found.filter(pl.col("time") < first).tail(1))


def _after(bars: Bars, old: Bars) -> Bars:
    frame = bars.frame.filter(pl.col("time") > old.last_time)
    return Bars(bars.instrument, bars.timeframe, frame)


def _joined(first: Bars, then: Bars) -> Bars:
    return Bars(then.instrument, then.timeframe, pl.concat([first.frame, then.frame]))


def _refuse_other_differences(flat: Bars, held: Bars) -> None:
    """Refuse a file that contradicts the stored bars when both are adjusted for splits."""
    asked = flat.until(held.last_time).frame
    both = asked.join(held.frame, on="time", how="left", suffix="_held", maintain_order="left")
    same = pl.all_horizontal(
        (pl.col(name) - pl.col(f"{name}_held")).abs() <= SAME * pl.col(name)
        for name in BAR_SCHEMA
        if name != "time"
    )
    other = both.filter(~same.fill_null(value=False))
    if other.height:
        raise DataError(
            f"{flat.instrument.symbol} {flat.timeframe}: {other.height:,} of {asked.height:,} bars "
            f"up to {held.last_time:%Y-%m-%d %H:%M} UTC differ from those stored by more than "
            f"their splits, first at {other['time'][0]:%Y-%m-%d %H:%M} UTC; nothing was stored: "
            "import the file into a workspace of its own (--home)"
        )
