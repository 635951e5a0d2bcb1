"""`assay token list`: the tokens of programs."""

import typer

from assay.cli import say

EXAMPLES = "Examples: assay token list\n\nassay token list --json"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """List every token, the newest first, with its rights and when it was last used; UTC."""
    from assay.cli.access import door, moment, rights
    from assay.workflows.access.tokens import tokens

    found = tokens(door(context))
    if json:
        names = ("id", "name", "scopes", "made_at", "until", "used_at", "revoked_at", "person_id")
        say.as_json([{name: getattr(one, name) for name in names} for one in found])
        return
    if not found:
        typer.echo("There is no token yet: assay token make NAME --scope read makes one")
        return
    rows = [
        (
            one.id,
            one.name,
            rights(one.scopes),
            moment(one.used_at),
            moment(one.until),
            moment(one.revoked_at),
        )
        for one in found
    ]
    columns = ("id", "for", "rights", "last used UTC", "over", "taken back")
    say.console().print(say.table("", columns, rows))
