"""`assay token make`: a token with which a program uses the service."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.access import Rights, door, moment, rights

EXAMPLES = "Examples: assay token make notebook --scope read --scope research --days 90"


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Rights,
    days: Annotated[
        int | None, typer.Option(min=1, help="It is over after so many; never if left out.")
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Make a token and print it, this once: only its hash is kept.

    A program sends it with each question: Authorization: Bearer TOKEN.
    """
    from assay.workflows.access.tokens import make_token

    made = make_token(door(context), name, scope, days=days)
    if json:
        say.as_json({"id": made.token.id, "token": made.secret, "until": made.token.until})
        return
    until = moment(made.token.until) if made.token.until else "taken back"
    typer.echo(f"{made.token.id} may {rights(made.token.scopes)} until {until}:", err=True)
    typer.echo(made.secret)
