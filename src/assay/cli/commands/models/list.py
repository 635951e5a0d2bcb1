"""`assay models list`: what was trained, the newest first."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = "Examples: assay models list\n\nassay models list --symbol EURUSD --timeframe 1h"
SHOWN_SYMBOLS = 3


def run(
    context: typer.Context,
    symbol: Annotated[
        str | None, typer.Option(help="Only those that cover it, such as EURUSD.")
    ] = None,
    timeframe: Annotated[str | None, typer.Option(help="Only those of it, such as 1h.")] = None,
    *,
    json: say.Json = False,
) -> None:
    """List the trained members and fusions, the newest first."""
    from assay.workflows.catalogue import models

    frame = Timeframe.parse(timeframe) if timeframe else None
    found = models(desk(context), symbol=symbol, timeframe=frame)
    if json:
        say.as_json(found)
        return
    if not found:
        typer.echo("No model is trained yet for that: assay train")
        return
    rows = [
        (
            one["member"],
            one["family"],
            one["timeframe"],
            _symbols(one["symbols"]),
            f"{one['made_at']:%Y-%m-%d %H:%M}",
            one["gate"] or "",
            "quarantined" if one["quarantined"] else "simulated" if one["simulated"] else "",
            one["artefact"][:12],
        )
        for one in found
    ]
    columns = ("member", "family", "tf", "symbols", "made UTC", "gate", "", "artefact")
    say.console().print(say.table("", columns, rows))


def _symbols(names: list[str]) -> str:
    if len(names) <= SHOWN_SYMBOLS:
        return " ".join(names)
    return f"{' '.join(names[:SHOWN_SYMBOLS])} +{len(names) - SHOWN_SYMBOLS}"
