"""`assay worker`: do the service's jobs on this machine, as Redis brings them."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import working

EXAMPLES = (
    "Examples: assay worker\n\nassay worker --at-once 4\n\nassay worker --only heavy --at-once 1"
)


def run(
    context: typer.Context,
    at_once: Annotated[
        int, typer.Option(min=1, max=256, help="How many jobs are done at once here.")
    ] = 2,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only jobs of this weight: light, medium or heavy; may be given again."),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Do jobs until stopped; what runs then goes back into the queue.

    For a service with workers = true, which shares its database, its folder and the Redis at
    redis_url with the workers; assay beat says when jobs are due. Redis carries only ids: the
    database decides who does a job, so one that is delivered twice is done once, and one whose
    worker was killed is done by another. Needs the extra scale.
    """
    from assay.core.errors import SettingsError
    from assay.workflows.jobs.contract import Weight

    try:
        weights = tuple(Weight(one) for one in only or Weight)
    except ValueError:
        known = ", ".join(Weight)
        raise SettingsError(f"--only takes {known}; found {', '.join(only or ())}") from None
    if json:
        say.as_json({"at_once": at_once, "weights": weights})
    else:
        typer.echo("The worker waits for jobs; Ctrl-C stops it", err=True)
    working(context, "worker", {"at_once": at_once, "weights": weights})
