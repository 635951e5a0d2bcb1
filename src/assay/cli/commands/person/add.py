"""`assay person add`: let somebody log in to the service."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.access import Rights, asked_password, door, rights

EXAMPLES = "Examples: assay person add anna --scope read --scope research"


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name to log in with.")],
    scope: Rights,
    *,
    json: say.Json = False,
) -> None:
    """Let NAME log in to the service with these rights; the password is asked for.

    Where there is no terminal it is read as a line from standard input.
    """
    from assay.workflows.access.people import add_person

    made = add_person(door(context), name, asked_password(), scope)
    if json:
        say.as_json({"id": made.id, "name": made.name, "scopes": made.scopes})
        return
    typer.echo(f"{made.name} may log in, with the rights: {rights(made.scopes)}")
