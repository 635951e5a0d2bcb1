"""`assay data universe import`: store who belonged to a universe when."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk

EXAMPLES = "Example: assay data universe import sp500.csv --name sp500"


def run(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Columns symbol, from, to (empty: still in it).")],
    name: Annotated[str, typer.Option(help="What the universe is called.")],
    *,
    json: say.Json = False,
) -> None:
    """Store the memberships of a table: a symbol, the day it came, the day it left.

    Who left and who was delisted stays in it, so that a study of an earlier day chooses among
    those that were there. What a later file says otherwise is a newer version: what was known
    before can still be asked for.
    """
    from assay.workflows.universes import import_universe

    found = import_universe(writing_desk(context), file, name)
    if json:
        say.as_json(found.to_json())
    else:
        typer.echo(
            f"{found.name}: {found.added:,} of {found.rows:,} memberships are new; it has held "
            f"{found.ever:,} instruments and holds {found.now:,}"
        )
