"""`assay data check`: whether everything is there that the calendar expects."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = "Example: assay data check EURUSD --timeframe 1h"


def run(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A stored symbol.")],
    timeframe: Annotated[str, typer.Option(help="For example 1h.")],
    *,
    json: say.Json = False,
) -> None:
    """Compare SYMBOL's bars with what its calendar expects; changes nothing."""
    from assay.workflows.data import check_series

    found = check_series(desk(context), symbol, Timeframe.parse(timeframe))
    if json:
        say.as_json(found.to_json())
        return
    typer.echo(
        f"{found.symbol} {found.timeframe}: {found.rows:,} bars, {found.coverage:.2%} of the "
        f"{found.expected:,} that the calendar expects; {found.outside:,} lie where it is closed"
    )
    typer.echo(f"{found.zero_volume:,} bars have no volume, {found.flat:,} did not move at all")
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
