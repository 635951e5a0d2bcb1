"""`assay gate show`: what the gate said of a run, line by line."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = (
    "Examples: assay gate show trial-5456ab12cd34\n\n"
    "assay gate show 5456 --json (any beginning that only one run has)"
)


def run(
    context: typer.Context,
    experiment_run: Annotated[
        str, typer.Argument(metavar="ID", help="A run, or how its id begins.")
    ],
    *,
    json: say.Json = False,
) -> None:
    """Show the newest verdict on run ID: each check in its order, what it measured, and why.

    The verdict is the least that any check allows: FAIL, INSUFFICIENT, PAPER, PILOT or LIVE.
    """
    from assay.workflows.verdicts import verdict_on

    found = verdict_on(desk(context), experiment_run)
    if json:
        say.as_json(found)
        return
    from assay.cli.gates import verdict

    say.console().print(verdict(found))
