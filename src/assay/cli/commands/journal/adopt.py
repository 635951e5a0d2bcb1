"""`assay journal adopt`: go on after a loss, and write it down."""

from dataclasses import asdict
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.errors import SettingsError

EXAMPLES = (
    'Examples: assay journal adopt --reason "the disk failed; the copy is of Monday"\n\n'
    'assay journal adopt --reason "the disk failed; the copy is of Monday" --yes'
)


def run(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why the loss is accepted; it is written down.")],
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without it only what would be done is said.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Accept what is left of the journal as the whole of it, and write down that it is not.

    For when the journal's head or the database was lost, or an older copy of one was put back, and
    nothing better is to be had: restore copies first. The entries that are left are kept, an entry
    is added that says what the head had named and why a person accepted the loss, and signals can
    be issued again. What was lost stays lost, and everyone who reads the journal will see it. A
    journal with an altered, missing or moved entry cannot be adopted.
    """
    from assay.workflows.adopt import adopt, ahead

    opened = desk(context)
    plan = ahead(opened)
    if not yes:
        raise SettingsError(
            f"Nothing was done yet: this goes on with {plan.kept_said} and gives up "
            f"{plan.lost_said} for good (assay journal verify says what is wrong); once no better "
            "copy is to be had, say --yes"
        )
    entry = adopt(opened, reason)
    if json:
        say.as_json({**asdict(plan), "entry": asdict(entry)})
        return
    typer.echo(
        f"The journal goes on with {plan.kept_said}, {plan.lost_said} given up; entry "
        f"{entry.no:,} says so, and why"
    )
