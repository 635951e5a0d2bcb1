"""`assay features values`: what the members read at the last bar."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = "Example: assay features values EURUSD --timeframe 1h"


def run(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A stored symbol.")],
    timeframe: Annotated[str, typer.Option(help="A stored timeframe of it, such as 1h.")],
    *,
    json: say.Json = False,
) -> None:
    """Show every feature of SYMBOL's last stored bar; – where it is not known."""
    from assay.workflows.catalogue import feature_values

    found = feature_values(desk(context), symbol, Timeframe.parse(timeframe))
    if json:
        say.as_json(found)
        return
    rows, last = [], None
    for one in found["values"]:
        value = "–" if one["value"] is None else f"{one['value']:.4f}"
        rows.append(("" if one["group"] == last else one["group"], one["column"], value))
        last = one["group"]
    title = f"{found['symbol']} {found['timeframe']}, bar of {found['as_of']:%Y-%m-%d %H:%M} UTC"
    say.page().print(say.table(title, ("group", "column", ">value"), rows))
