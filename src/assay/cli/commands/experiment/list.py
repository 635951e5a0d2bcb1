"""`assay experiment list`: the runs there are, or the experiments that come with Assay."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.errors import SettingsError

EXAMPLES = (
    "Examples: assay experiment list\n\n"
    "assay experiment list --family trend --status finished\n\n"
    "assay experiment list --library"
)


def run(
    context: typer.Context,
    family: Annotated[str | None, typer.Option(help="Only runs of this family.")] = None,
    experiment: Annotated[
        str | None, typer.Option("--name", help="Only runs of the experiment of this name.")
    ] = None,
    status: Annotated[
        str | None, typer.Option(help="Only running, finished, failed or aborted ones.")
    ] = None,
    *,
    library: Annotated[
        bool, typer.Option("--library", help="The experiments that come with Assay instead.")
    ] = False,
    json: say.Json = False,
) -> None:
    """List the runs of experiments, the newest last; times are UTC.

    A run that says running may have been killed; assay experiment resume goes on with it.
    """
    from assay.workflows.experiments.looking import NONE, past_runs, shipped

    if library and (family or experiment or status):
        raise SettingsError("--library lists files, not runs: leave out the other options, or it")
    found = (
        shipped()
        if library
        else past_runs(desk(context), family=family, name=experiment, status=status)
    )
    if json:
        say.as_json(found)
        return
    if not found:
        typer.echo(NONE if not (library or status) else "There is none")
        return
    from assay.cli.experiments import files, runs

    say.console().print(files(found) if library else runs(found))
