"""`assay doctor`: whether everything is in order."""

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.errors import SettingsError

EXAMPLES = "Examples: assay doctor\n\nassay doctor --json"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """Say what is missing or wrong, and what to do: installation, settings, data, models, journal.

    Every hash is recomputed and every model answers its golden questions; nothing is changed. Ends
    with 1 if anything failed.
    """
    from assay.cli.boards import diagnosis
    from assay.workflows.doctor import examine, undesked

    try:
        opened = desk(context)
    except SettingsError as error:
        found = undesked(error)
    else:
        with say.progress(quiet=json) as tick:
            found = examine(opened, tick=tick)
    if json:
        say.as_json(found.to_json())
    else:
        diagnosis(found)
    if not found.sound:
        raise typer.Exit(1)
