"""Candles in a terminal, of block characters: bars, missing ones and flagged ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import typer
from numpy.typing import NDArray

from assay.core.calendars.table import moment_of

if TYPE_CHECKING:
    from assay.workflows.pictured import Pictured

UP, DOWN, WICK = "█", "░", "│"
FLAG, LACK = "!", "·"
TALL, LABEL = 18, 12
SHOWN = 8
KEY = (
    f"{UP} closed higher  {DOWN} lower  {WICK} reached  {FLAG} flagged  {LACK} bars are missing "
    "(a column without a candle: all of them)"
)
Floats = NDArray[np.float64]


def candles(found: "Pictured", width: int) -> None:
    """Print the stretch as candles, `width` characters wide, and what is missing and flagged."""
    from assay.workflows.pictured import marked

    instrument, frame = found.bars.instrument, found.bars.frame
    room = max(20, width - LABEL)
    step = -(-len(found.slots) // room)
    groups = np.arange(len(found.slots)) // step
    prices = frame.select("open", "high", "low", "close").to_numpy()
    columns = [prices[found.rows[(groups == n) & (found.rows >= 0)]] for n in range(groups[-1] + 1)]
    lacks = [bool((found.rows[groups == n] < 0).any()) for n in range(groups[-1] + 1)]
    held = marked(found)
    flags = [
        bool(held[found.rows[(groups == n) & (found.rows >= 0)]].any())
        for n in range(groups[-1] + 1)
    ]
    low, high = float(prices[:, 2].min()), float(prices[:, 1].max())
    edges = np.linspace(high, low, TALL + 1) if high > low else np.full(TALL + 1, high)
    each = "" if step == 1 else f", {step} places a candle"
    typer.echo(
        f"{instrument.symbol} {found.bars.timeframe}: {len(found.bars):,} bars to "
        f"{found.bars.last_time:%Y-%m-%d %H:%M} UTC{each}"
    )
    for row in range(TALL):
        line = "".join(_mark(one, edges[row + 1], edges[row]) for one in columns)
        price = f"{(edges[row] + edges[row + 1]) / 2:.{instrument.price_digits}f}"
        typer.echo(f"{line} {price}" if row % 3 == 1 else line.rstrip())
    typer.echo("".join(FLAG if flag else LACK if lack else " " for flag, lack in
                       zip(flags, lacks, strict=True)).rstrip())  # fmt: skip
    typer.echo(_times(found.slots, step, len(columns)))
    typer.echo(KEY)
    _told(found)


def _mark(prices: Floats, bottom: float, top: float) -> str:
    """Return what a row of the picture shows of the bars of one column."""
    if not len(prices):
        return " "
    opened, close = prices[0, 0], prices[-1, 3]
    low, high = prices[:, 2].min(), prices[:, 1].max()
    body_low, body_high = min(opened, close), max(opened, close)
    if body_low <= top and body_high >= bottom:
        return UP if close >= opened else DOWN
    return WICK if low <= top and high >= bottom else " "


def _times(slots: NDArray[np.int64], step: int, columns: int) -> str:
    """Return the line of times beneath, one every so many columns."""
    line, every = "", 24
    for column in range(0, columns, every):
        said = f"{moment_of(slots[column * step]):%Y-%m-%d %H:%M}"
        line = line.ljust(column) + said
    return line


def _told(found: "Pictured") -> None:
    if found.gaps:
        longest = sorted(found.gaps, key=lambda gap: gap.bars, reverse=True)
        some = [f"{_moment(gap.first)} {gap.bars:,}" for gap in longest[:SHOWN]]
        bars = sum(gap.bars for gap in found.gaps)
        many = "1 gap" if len(found.gaps) == 1 else f"{len(found.gaps):,} gaps"
        typer.echo(f"{many}, {bars:,} bars: {_some(some, len(found.gaps))}")
    else:
        typer.echo("No bar is missing")
    if found.flaws:
        some = [f"{_moment(flaw.first)} {flaw.code}" for flaw in found.flaws[:SHOWN] if flaw.first]
        many = "1 flag" if len(found.flaws) == 1 else f"{len(found.flaws):,} flags"
        typer.echo(f"{many}: {_some(some, len(found.flaws))}")
    else:
        typer.echo("No bar is flagged")


def _some(said: Sequence[str], every: int) -> str:
    return ", ".join(said) + (f" and {every - len(said):,} more" if every > len(said) else "")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
