"""`assay person erase`: delete all that is kept of somebody."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.access import door

EXAMPLES = "Examples: assay person erase anna --yes"


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who is erased.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: say.Json = False,
) -> None:
    """Delete NAME, every session and token of NAME; nothing brings them back.

    In the audit log the id stays, which says nothing of a person.
    """
    from assay.workflows.access.people import erase_person, person_called

    found = door(context)
    person = person_called(found, name)
    if not yes:
        typer.confirm(f"Erase {person.name}, for good?", abort=True, err=True)
    erase_person(found, person.id)
    if json:
        say.as_json({"id": person.id})
        return
    typer.echo(f"Nothing is kept any more of who was {person.id}")
