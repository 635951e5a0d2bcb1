"""`assay news list`: which stories are stored."""

from typing import Any

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Example: assay news list"
MOST_SOURCES = 3


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """List the stored stories by instrument: how many, when first seen, from where.

    A story about several instruments counts for each; one that names none is about the whole
    market, and counts for every share and index, and for the currencies, metals and coins it names.
    A copy counts only for what no earlier telling was about. Of the first-seen times some may be
    assumed, and some stories suspect: assay news show says which.
    """
    from assay.workflows.stories import stored_stories

    found = stored_stories(desk(context))
    if json:
        say.as_json(found)
        return
    if not found:
        typer.echo("No story is stored yet: assay news sync, or assay news import FILE")
        return
    rows = [
        (
            one["instrument"] + (" (simulated)" if one["simulated"] else ""),
            f"{one['stories']:,}",
            f"{one['first']:%Y-%m-%d %H:%M}",
            f"{one['last']:%Y-%m-%d %H:%M}",
            f"{one['assumed']:,}",
            f"{one['suspect']:,}",
            _sources(one),
        )
        for one in found
    ]
    columns = (
        *("about", ">stories", "first seen, first UTC", "first seen, last UTC", ">assumed"),
        *(">suspect", "sources"),
    )
    say.console().print(say.table("", columns, rows))


def _sources(one: dict[str, Any]) -> str:
    names = one["sources"]
    more = f" and {len(names) - MOST_SOURCES:,} more" if len(names) > MOST_SOURCES else ""
    return ", ".join(names[:MOST_SOURCES]) + more
