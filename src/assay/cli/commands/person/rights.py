"""`assay person rights`: what somebody may do from now on."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.access import Rights, door, rights

EXAMPLES = "Examples: assay person rights anna --scope read"


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose rights.")],
    scope: Rights,
    *,
    json: say.Json = False,
) -> None:
    """Give NAME exactly these rights; tokens of NAME can do no more from then on."""
    from assay.workflows.access.people import give_rights, person_called

    found = door(context)
    person = give_rights(found, person_called(found, name).id, scope)
    if json:
        say.as_json({"id": person.id, "name": person.name, "scopes": person.scopes})
        return
    typer.echo(f"{person.name} has the rights: {rights(person.scopes)}")
