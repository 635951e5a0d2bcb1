"""`assay jobs show`: one job: where it stands, what it said, how its trainings go."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Examples: assay jobs show job-1f0a3c5e7b9d\n\nassay jobs show job-1f0a --json"


def run(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="Its id, or how it begins.")],
    *,
    json: say.Json = False,
) -> None:
    """Show one job; with --json its result, too."""
    from assay.cli.job_pages import job_page, plain_story
    from assay.workflows.jobs.asking import story

    found = story(desk(context), job)
    if json:
        say.as_json(plain_story(found))
    else:
        say.console().print(job_page(found))
