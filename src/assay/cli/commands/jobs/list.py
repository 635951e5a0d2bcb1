"""`assay jobs list`: what was done, is being done, waits, and is due next."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Examples: assay jobs list\n\nassay jobs list --state failed\n\nassay jobs list backup"


def run(
    context: typer.Context,
    kind: Annotated[str | None, typer.Argument(help="Only jobs of this kind.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Only queued, running, done, failed or cancelled ones.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 30,
    *,
    json: say.Json = False,
) -> None:
    """List jobs, the newest first; times are UTC."""
    from assay.cli.job_pages import jobs_table, plain_row
    from assay.core.errors import SettingsError
    from assay.store.job_rows import JobState
    from assay.workflows.jobs.asking import past

    try:
        wanted = JobState(state) if state else None
    except ValueError:
        raise SettingsError(f"--state is one of {', '.join(JobState)}; found {state!r}") from None
    found = past(desk(context), state=wanted, kind=kind, limit=limit)
    if json:
        say.as_json([plain_row(one) for one in found])
    elif found:
        say.console().print(jobs_table(found))
    else:
        typer.echo("There are no such jobs; assay serve does them, assay jobs run KIND does one")
