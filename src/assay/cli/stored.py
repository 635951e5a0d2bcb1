"""How the quality of stored series looks in a terminal, and which series a command means."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import typer

from assay.cli import say
from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe

if TYPE_CHECKING:
    import polars as pl

    from assay.workflows.desk import Desk
    from assay.workflows.lacking import Lacking
    from assay.workflows.quality import Quality

SHADES = ((1.0, "█"), (0.9, "▓"), (0.5, "▒"), (1e-9, "░"), (0.0, "·"))
"""The least share of a month's expected bars that is there, and its block."""
KEY = "█ all  ▓ from 90 %  ▒ from 50 %  ░ fewer  · none  ! flagged bars  (blank: nothing expected)"
MONTHS = "J  F  M  A  M  J  J  A  S  O  N  D"
MOST_CODES = 3


def series_of(
    desk: "Desk",
    symbols: Sequence[str],
    timeframe: str | None,
    problems: list[str] | None = None,
) -> list[tuple[str, Timeframe]]:
    """Return the stored series of `symbols` (all if none) and of one timeframe, if it is given.

    A series that is named and not stored is a `NotFoundError`, nothing at all a `SettingsError`; a
    damaged one a `StoreError`, or with `problems` given it is left out and named there.
    """
    length = None if timeframe is None else Timeframe.parse(timeframe)
    names = [desk.instrument(symbol).symbol for symbol in symbols]
    if names and length is not None:
        return [(desk.bars.info(name, length).symbol, length) for name in names]
    stored = [
        (info.symbol, info.timeframe)
        for info in desk.bars.series(problems)
        if (not names or info.symbol in names) and (length is None or info.timeframe is length)
    ]
    without = [name for name in names if name not in {symbol for symbol, _ in stored}]
    if without or not (stored or problems):
        who = f" by {', '.join(without)}" if without else ""
        raise SettingsError(f"No stored series is meant{who}; assay data list names them")
    return stored


def table(found: "Sequence[Quality]") -> None:
    """Print a line a series, and what the score is."""
    from assay.workflows.flagged import FORMULA

    columns = (
        *("series", ">bars", ">coverage", ">flagged", ">score", ">gaps", ">longest gap"),
        *("last bar", "source", "what is known of it"),
    )
    say.console().print(say.table("", columns, [_row(one) for one in found]))
    typer.echo(
        f"{FORMULA}; coverage: share of the bars that the calendar expects between the first and "
        "the last one that are there"
    )


def _row(one: "Quality") -> tuple[str, ...]:
    return (
        *(one.name, f"{one.info.rows:,}", f"{one.coverage:.2%}", f"{one.flagged_share:.2%}"),
        *(f"{one.score:.2f}", f"{len(one.gaps):,}"),
        f"{one.gaps[0].bars:,}" if one.gaps else "–",
        age(one),
        one.info.source,
        "; ".join(_said(one)),
    )


def _said(one: "Quality") -> list[str]:
    """Return what else is known: flags, a thin feed, corrections, differences to other sources."""
    codes = [f"{bars:,} {code}" for code, (_, _, bars) in one.codes.items()]
    more = len(codes) - MOST_CODES
    said = [", ".join(codes[:MOST_CODES]) + (f" and {more} more kinds" if more > 0 else "")]
    said += [one.thin] if one.thin else []
    said += [f"corrected {one.info.corrections:,} x"] if one.info.corrections else []
    said += [
        f"differs from {row.other} in {len(row.findings.get('differences', ()))} ways"
        for row in one.compared
        if row.findings.get("differences")
    ]
    return [part for part in said if part]


def age(one: "Quality") -> str:
    """Return how old the last bar is: by the calendar where it is recent, else in days."""
    if one.info.simulated:
        return "simulated"
    if one.behind == 0:
        return "current"
    if one.behind is not None:
        return f"{one.behind:,} bars ago"
    return f"{one.age / timedelta(days=1):,.0f} days ago"


def strip(one: "Quality") -> None:
    """Print a series' coverage by year and month as shaded blocks, a year a line."""
    typer.echo(f"{one.name}, from {one.info.first:%Y-%m-%d} to {one.info.last:%Y-%m-%d} UTC")
    typer.echo(f"      {MONTHS}   there    missing  flagged")
    months = one.months
    for year in sorted(set(months["month"].dt.year())):
        typer.echo(_year(year, months))
    typer.echo(KEY)


def _year(year: int, months: "pl.DataFrame") -> str:
    cells, sums = ["   "] * 12, [0, 0, 0]
    for day, expected, there, flagged in months.iter_rows():
        if day.year == year:
            share = there / expected if expected else None
            block = " " if share is None else next(b for least, b in SHADES if share >= least)
            cells[day.month - 1] = f"{block * 2}{'!' if flagged else ' '}"
            sums = [a + b for a, b in zip(sums, (expected, there, flagged), strict=True)]
    expected, there, flagged = sums
    share = f"{there / expected:.2%}" if expected else "–"
    return f"{year}  {''.join(cells)} {share:>7}  {expected - there:>9,}  {flagged:>7,}"


def gaps(found: "Sequence[Lacking]", most: int) -> None:
    """Print runs of missing bars, the first `most` of them, and what can be done."""
    if not found:
        typer.echo("No bar that a calendar expects is missing")
        return
    rows = [
        (
            f"{one.symbol} {one.timeframe}",
            _moment(one.gap.first),
            _moment(one.gap.last),
            f"{one.gap.bars:,}",
            ", ".join(one.without) or "–",
            f"made of {one.made_of}" if one.made_of else ", ".join(one.open) or "–",
        )
        for one in found[:most]
    ]
    columns = (
        *("series", "first missing close UTC", "last missing close UTC", ">bars"),
        *("asked in vain", "can be asked"),
    )
    say.console().print(say.table("", columns, rows))
    bars = sum(one.gap.bars for one in found)
    shown = f"; the {most:,} longest are shown (--rows)" if len(found) > most else ""
    many = "1 gap" if len(found) == 1 else f"{len(found):,} gaps"
    typer.echo(f"{many}, {bars:,} bars{shown}")
    askable = sum(bool(one.open) for one in found)
    if askable:
        typer.echo(f"assay data fill-gaps (or backfill) would ask for {askable:,} of them")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
