"""`assay jobs cancel`: take a job back, or stop it if it runs."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk

EXAMPLES = "Examples: assay jobs cancel job-1f0a3c5e7b9d"


def run(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="Its id, or how it begins.")],
    *,
    json: say.Json = False,
) -> None:
    """Cancel a job: one that waits at once, one that runs as soon as it has stopped.

    What it has done already stays. One in a process of its own is killed if it does not stop within
    10 seconds.
    """
    from assay.cli.job_pages import plain_row
    from assay.workflows.jobs.asking import cancel

    row = cancel(writing_desk(context), job)
    if json:
        say.as_json(plain_row(row))
        return
    stopping = " and was asked to stop" if row.cancel_asked and row.state == "running" else ""
    typer.echo(f"{row.id} is {row.state}{stopping}")
