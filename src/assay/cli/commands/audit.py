"""`assay audit`: who did what with the service, and when."""

from dataclasses import asdict
from typing import Annotated

import typer

from assay.cli import say

EXAMPLES = "Examples: assay audit\n\nassay audit --limit 1000 --json"


def run(
    context: typer.Context,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many of the newest lines.")
    ] = 50,
    *,
    json: say.Json = False,
) -> None:
    """Show the newest lines of the audit log, the newest first; times are UTC.

    People and tokens are named by their ids (assay person list, assay token list).
    """
    from assay.cli.access import door
    from assay.workflows.access.people import deeds

    found = deeds(door(context), limit)
    if json:
        say.as_json([asdict(deed) for deed in found])
        return
    if not found:
        typer.echo("Nothing was done with the service yet")
        return
    rows = [
        (d.no, f"{d.at:%Y-%m-%d %H:%M:%S}", d.who, d.what, d.about, d.outcome, d.address or "–")
        for d in found
    ]
    columns = (">no", "UTC", "who", "what", "about", "outcome", "from")
    say.console().print(say.table("", columns, rows))
