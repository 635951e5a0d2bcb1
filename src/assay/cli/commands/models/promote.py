"""`assay models promote`: let an artefact that passed the gate weigh again."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = 'Example: assay models promote 2c64 --reason "the feed is mended"'


def run(
    context: typer.Context,
    artefact: Annotated[
        str, typer.Argument(help="An artefact's id, or how it begins (see assay models list).")
    ],
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")] = "promoted by a person",
    json: say.Json = False,
) -> None:
    """Let a member that was retired weigh again, if it has passed the gate.

    After every training the gate is asked by itself: what foretells better than climatology is
    promoted, the rest is refused, shown, and weighs nothing. A refused one cannot be promoted.
    """
    from assay.workflows.promoting import as_plain, promote

    found = promote(desk(context), artefact, reason=reason)
    if json:
        say.as_json(as_plain(found))
        return
    typer.echo(f"{found.artefact_id[:12]} is promoted: it weighs where it passed the gate")
