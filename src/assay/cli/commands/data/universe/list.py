"""`assay data universe list`: which universes are stored."""

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Example: assay data universe list"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """List the universes: how many instruments each has held, and how many it holds now."""
    from assay.workflows.universes import list_universes

    found = list_universes(desk(context))
    if json:
        say.as_json([{n: getattr(one, n) for n in one.__dataclass_fields__} for one in found])
    elif not found:
        typer.echo("No universe is stored yet: assay data universe import FILE --name NAME")
    else:
        rows = [
            (o.name, f"{o.ever:,}", f"{o.now:,}", o.first, f"{o.known_at:%Y-%m-%d %H:%M}", o.source)
            for o in found
        ]
        columns = ("universe", ">ever", ">now", "first day", "known since UTC", "source")
        say.console().print(say.table("", columns, rows))
