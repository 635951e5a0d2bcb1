"""`assay jobs run`: do one job here and now, as the service would."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk

EXAMPLES = (
    "Examples: assay jobs run backup\n\nassay jobs run backup keep=14\n\n"
    "assay jobs run backtest symbols=EURUSD folds=6\n\n"
    "assay jobs run experiment text=@my-idea.yaml\n\nassay jobs run job-1f0a3c5e7b9d"
)


def run(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="The id of a job that waits, or a kind of job.")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]…",
            help="Arguments of a kind; lists with commas, a file's text with @file.",
        ),
    ] = None,
    held_by: Annotated[str | None, typer.Option(hidden=True, help="Who claimed it for us.")] = None,
    attempt: Annotated[int, typer.Option(hidden=True, help="Which claim that was.")] = 0,
    *,
    json: say.Json = False,
) -> None:
    """Do a job in this process; Ctrl-C cancels it. Ends with 1 if it failed.

    Kinds: sync, predict, resolve, retrain, drift, backup, backtest, experiment, train. A wrong
    argument is answered with those there are. The same job that runs elsewhere is not done twice.

    To restore a backup, end the service, move the workspace away, copy the folder of the backup to
    its place, and look: assay journal verify; assay doctor. Where PostgreSQL was used the backup
    holds its rows as a SQLite file, which serves once database_url is unset. Keep copies on another
    disk, too: a backup's bars and models share their space with the workspace.
    """
    from assay.cli.job_pages import job_page, plain_row
    from assay.cli.job_words import read_arguments
    from assay.workflows.jobs.asking import story
    from assay.workflows.jobs.here import do_held, do_here

    desk = writing_desk(context)
    if held_by is not None:
        do_held(desk, job, held_by, attempt)
        return
    row = do_here(desk, job, read_arguments(job, arguments or ()), by="command line")
    if json:
        say.as_json(plain_row(row))
    else:
        say.console().print(job_page(story(desk, row.id)))
    if row.state != "done":
        raise typer.Exit(1)
