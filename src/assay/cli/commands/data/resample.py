"""`assay data resample`: longer bars out of stored ones."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = "Example: assay data resample EURUSD --from 1h --to 4h"


def run(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A stored symbol.")],
    source: Annotated[str, typer.Option("--from", help="A stored timeframe, for example 1h.")],
    to: Annotated[str, typer.Option(help="A longer one, for example 4h.")],
    *,
    json: say.Json = False,
) -> None:
    """Make longer bars of SYMBOL and store them; safe to run again.

    If the shorter bars were corrected since, the longer ones are made again.
    """
    from assay.workflows.data import resample_series

    done = resample_series(desk(context), symbol, Timeframe.parse(source), Timeframe.parse(to))
    if json:
        found = {"symbol": symbol.upper(), "timeframe": to}
        say.as_json({**found, "added": done.added, "renewed": done.renewed})
        return
    typer.echo(f"{symbol.upper()} {to}: {done.added:,} bars added, made of {source} bars")
    if done.renewed:
        typer.echo(f"{done.renewed:,} were made again: the {source} bars were corrected since")
