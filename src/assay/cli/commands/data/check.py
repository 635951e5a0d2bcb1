"""`assay data check`: whether everything is there that the calendar expects."""

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

if TYPE_CHECKING:
    from assay.workflows.check import Checked

EXAMPLES = "Example: assay data check EURUSD --timeframe 1h"


def run(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A stored symbol.")],
    timeframe: Annotated[str, typer.Option(help="For example 1h.")],
    *,
    json: say.Json = False,
) -> None:
    """Compare SYMBOL's bars with what its calendar expects; changes nothing.

    A jump of a share that looks like a split nobody adjusted for is named.
    """
    from assay.workflows.check import check_series

    found = check_series(desk(context), symbol, Timeframe.parse(timeframe))
    if json:
        say.as_json(found.to_json())
        return
    typer.echo(
        f"{found.symbol} {found.timeframe}: {found.rows:,} bars, {found.coverage:.2%} of the "
        f"{found.expected:,} that the calendar expects; {_outside(found)}"
    )
    typer.echo(f"{found.zero_volume:,} bars have no volume, {found.flat:,} did not move at all")
    for split in found.splits:
        typer.echo(f"! {split.doubt()}{_then(found)}")
    years = [(y.year, f"{y.rows:,}", f"{y.coverage:.1%}", f"{y.volume:,.0f}") for y in found.years]
    heads = ("year", ">bars", ">of those expected", ">median volume")
    say.console().print(say.table("By year", heads, years))
    if found.gaps:
        rows = [
            (f"{g.first:%Y-%m-%d %H:%M}", f"{g.last:%Y-%m-%d %H:%M}", g.bars) for g in found.gaps
        ]
        columns = ("first missing close UTC", "last missing close UTC", ">bars")
        say.console().print(say.table("Longest gaps", columns, rows))
    typer.echo(
        f"{len(found.holidays):,} holidays and shortened days fell in the span; an empty holiday "
        "is no gap"
    )


def _outside(found: "Checked") -> str:
    if found.outside_span is None:
        return "0 lie where it is closed"
    first, last = (f"{moment:%Y-%m-%d %H:%M}" for moment in found.outside_span)
    return f"{found.outside:,} lie where it is closed, from {first} to {last} UTC"


def _then(found: "Checked") -> str:
    """Return what is to be done after the import, where the bars were made of shorter ones."""
    shorter = found.source.partition("resampled:")[2]
    if not shorter:
        return ""
    return f" ({shorter} bars), then run assay data resample again"
