"""`assay token revoke`: take a token back."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.access import door

EXAMPLES = "Examples: assay token revoke token-7b203f9a1c5e"


def run(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help="Its id, as assay token list shows it.")],
    *,
    json: say.Json = False,
) -> None:
    """Take a token back; a running service notices within five seconds."""
    from assay.workflows.access.tokens import revoke_token

    revoke_token(door(context), token)
    if json:
        say.as_json({"id": token})
        return
    typer.echo(f"{token} was taken back")
