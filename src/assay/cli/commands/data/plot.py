"""`assay data plot`: bars as candles, with what is missing and what is flagged."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay data plot EURUSD --timeframe 1h\n\n"
    "assay data plot EURUSD --timeframe 1h --from 2022-03-01 --to 2022-04-01\n\n"
    "assay data plot EURUSD --timeframe 1h --from 2022-01-01 --html eurusd.html"
)


def run(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A stored symbol.")],
    timeframe: Annotated[str, typer.Option(help="For example 1h.")],
    since: Annotated[
        str | None,
        typer.Option("--from", help="The first close (UTC), as 2022-03-01; else the newest 300."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="The last close (UTC), as 2022-04-01T12:00.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write candles that can be moved to FILE.")
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Draw stored bars of SYMBOL as candles; missing bars keep their place, flagged ones a mark.

    In the terminal several bars share a candle where there are many. The page has every one, up to
    20,000, with a list that leads to each gap and each flag; it needs no network. Times are closes.
    """
    from assay.workflows.pictured import pictured

    opened = desk(context)
    found = pictured(
        opened,
        symbol,
        Timeframe.parse(timeframe),
        moment(since, "--from") if since else None,
        moment(until, "--to") if until else None,
    )
    if html is not None:
        from assay.workflows.reports import write_pictured

        write_pictured(found, html)
    if json:
        say.as_json(found.to_json())
        return
    from assay.cli.candled import candles

    candles(found, say.console().width)
    if html is not None:
        typer.echo(f"Candles: {html}")
