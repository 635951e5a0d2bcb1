"""`assay macro list`: which figures are stored."""

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Example: assay macro list"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """List the stored series by currency: how many figures, in how many versions, known since when.

    ASSUMED are figures that came from a file which does not say when they were known.
    """
    from assay.workflows.macro.looking import listed_macro

    found = listed_macro(desk(context))
    if json:
        say.as_json(found)
        return
    if not found:
        typer.echo("No figure is stored yet: assay macro sync, or assay macro import FILE")
        return
    rows = [
        (
            one["currency"],
            one["series"] + (" (simulated)" if one["simulated"] else ""),
            f"{one['figures']:,}",
            f"{one['versions']:,}",
            f"{one['assumed']:,}" if one["assumed"] else "",
            f"{one['first']:%Y-%m-%d %H:%M}",
            f"{one['last']:%Y-%m-%d %H:%M}",
        )
        for one in found
    ]
    columns = (
        "currency",
        "series",
        ">figures",
        ">versions",
        ">assumed",
        "known from UTC",
        "to UTC",
    )
    say.console().print(say.table("", columns, rows))
