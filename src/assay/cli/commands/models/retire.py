"""`assay models retire`: take an artefact's weight away."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = 'Example: assay models retire 2c64 --reason "its news feed stopped"'


def run(
    context: typer.Context,
    artefact: Annotated[
        str, typer.Argument(help="An artefact's id, or how it begins (see assay models list).")
    ],
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")] = "retired by a person",
    json: say.Json = False,
) -> None:
    """Let a member weigh nothing from now on; it is still heard and shown.

    What it said before stays on record. `assay models promote` takes it back.
    """
    from assay.workflows.promoting import as_plain, retire

    found = retire(desk(context), artefact, reason=reason)
    if json:
        say.as_json(as_plain(found))
        return
    typer.echo(f"{found.artefact_id[:12]} is retired: signals show it, and it weighs nothing")
