"""`assay person list`: who may log in to the service."""

import typer

from assay.cli import say

EXAMPLES = "Examples: assay person list\n\nassay person list --json"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """List everybody who may log in to the service, with their rights; times are UTC."""
    from assay.cli.access import door, moment, rights
    from assay.workflows.access.people import people

    found = people(door(context))
    if json:
        say.as_json(
            [
                {"id": one.id, "name": one.name, "scopes": one.scopes, "made_at": one.made_at}
                for one in found
            ]
        )
        return
    if not found:
        typer.echo("There is nobody yet: assay serve shows an address that makes the owner")
        return
    rows = [(one.name, rights(one.scopes), moment(one.made_at), one.id) for one in found]
    say.console().print(say.table("", ("name", "rights", "made UTC", "id"), rows))
