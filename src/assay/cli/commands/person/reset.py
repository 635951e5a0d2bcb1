"""`assay person reset`: another password, where it was lost."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.access import asked_password, door

EXAMPLES = "Examples: assay person reset anna"


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who lost the password.")],
    *,
    json: say.Json = False,
) -> None:
    """Set another password for NAME, which is asked for; every open session of NAME ends.

    Where there is no terminal it is read as a line from standard input.
    """
    from assay.workflows.access.people import person_called, reset_password

    found = door(context)
    person_called(found, name)  # before a password is asked for in vain
    person = reset_password(found, name, asked_password())
    if json:
        say.as_json({"id": person.id, "name": person.name})
        return
    typer.echo(f"{person.name} has a new password; every open session of {person.name} ended")
