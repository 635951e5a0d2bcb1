"""`assay journal list`: the newest entries."""

from dataclasses import asdict
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Examples: assay journal list\n\nassay journal list --limit 100 --json"


def run(
    context: typer.Context,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many of the newest entries.")
    ] = 20,
    *,
    json: say.Json = False,
) -> None:
    """List the newest entries, the oldest of them first; times are UTC."""
    entries = desk(context).journal.last(limit)
    if json:
        say.as_json([asdict(entry) for entry in entries])
        return
    if not entries:
        typer.echo(
            "The journal is empty: assay signal SYMBOL --timeframe T writes the first entries"
        )
        return
    rows = [
        (e.no, f"{e.at:%Y-%m-%d %H:%M:%S}", e.stage, e.signal_id or "", e.digest[:12])
        for e in entries
    ]
    columns = (">no", "written UTC", "stage", "signal", "digest")
    say.console().print(say.table("", columns, rows))
