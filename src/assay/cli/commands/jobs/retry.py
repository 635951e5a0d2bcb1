"""`assay jobs retry`: queue a job again that failed or was cancelled."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk

EXAMPLES = "Examples: assay jobs retry job-1f0a3c5e7b9d"


def run(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="Its id, or how it begins.")],
    *,
    json: say.Json = False,
) -> None:
    """Queue a job again; a service or worker begins it, or assay jobs run JOB here and now."""
    from assay.cli.job_pages import plain_row
    from assay.workflows.jobs.asking import retry

    row = retry(writing_desk(context), job).row
    if json:
        say.as_json(plain_row(row))
    else:
        typer.echo(f"{row.id} is {row.state} again")
