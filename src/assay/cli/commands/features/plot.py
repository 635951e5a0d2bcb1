"""`assay features plot`: columns over time beneath the price, as a page."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay features plot EURUSD rsi adx_14 --timeframe 1h\n\n"
    "assay features plot EURUSD realised_vol --timeframe 4h --bars 2000 --until 2022-06-15\n\n"
    "assay features plot EURUSD rsi --timeframe 1h --json"
)
MOST_BARS = 20_000


def run(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A stored symbol.")],
    columns: Annotated[
        list[str],
        typer.Argument(help="Columns, or features, which stand for all their columns."),
    ],
    timeframe: Annotated[str, typer.Option(help="A stored timeframe of it, such as 1h.")],
    bars: Annotated[
        int, typer.Option(min=2, max=MOST_BARS, help="How many bars to draw, the newest ones.")
    ] = 500,
    until: Annotated[
        str | None,
        typer.Option(help="The last bar closed by this time (ISO, UTC); the newest if left out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The HTML file to write; in the workspace's reports/ if left out."),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Draw COLUMNS of SYMBOL over time beneath its price, as one HTML page without network.

    Beside each curve stands its histogram over the whole stored history with the present value
    marked, and under it what is to be said of it: mean, spread, memory, formula and source. Any
    feature can be drawn, in the standard set or not. With --json the data are printed, and a page
    is written only where --out says.
    """
    from assay.workflows.plotted import plotted
    from assay.workflows.reports import write_plotted

    opened = desk(context)
    found = plotted(
        opened,
        symbol,
        Timeframe.parse(timeframe),
        columns,
        bars=bars,
        until=moment(until, "--until") if until else None,
    )
    page = write_plotted(opened, found, out) if out or not json else None
    if json:
        say.as_json(found | {"page": str(page) if page else None})
        return
    for one in found["columns"]:
        typer.echo(f"{one['column']}: {one['words']}")
    typer.echo(f"Plot: {page}")
