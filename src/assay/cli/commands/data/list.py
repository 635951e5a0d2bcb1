"""`assay data list`: what is stored."""

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Example: assay data list"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """List the stored series with their spans."""
    from assay.workflows.data import list_series

    series = list_series(desk(context))
    if json:
        say.as_json(
            [
                {
                    "symbol": i.symbol,
                    "timeframe": i.timeframe,
                    "rows": i.rows,
                    "first": i.first,
                    "last": i.last,
                    "source": i.source,
                    "simulated": i.simulated,
                    "corrections": i.corrections,
                }
                for i in series
            ]
        )
        return
    if not series:
        typer.echo("Nothing is stored yet: assay data import FILE --symbol S --timeframe T")
        return
    rows = [
        (
            i.symbol,
            i.timeframe,
            f"{i.rows:,}",
            f"{i.first:%Y-%m-%d %H:%M}",
            f"{i.last:%Y-%m-%d %H:%M}",
            i.source + (" (simulated)" if i.simulated else ""),
        )
        for i in series
    ]
    columns = ("symbol", "timeframe", ">bars", "first close UTC", "last close UTC", "source")
    say.console().print(say.table("", columns, rows))
