"""`assay doctor`: whether everything is in order."""

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Examples: assay doctor\n\nassay doctor --json"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """Check the installation, the workspace, the database, the journal, bars and models.

    Every hash is recomputed and every model answers its golden questions; nothing is changed. Ends
    with 1 if anything failed.
    """
    from assay.cli.boards import diagnosis
    from assay.workflows.doctor import examine

    with say.progress(quiet=json) as tick:
        found = examine(desk(context), tick=tick)
    if json:
        say.as_json(found.to_json())
    else:
        diagnosis(found)
    if not found.sound:
        raise typer.Exit(1)
