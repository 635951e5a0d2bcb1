"""`assay beat`: queue what is due, and tell the workers; one is enough, two do no harm."""

import typer

from assay.cli import say
from assay.cli.main import working

EXAMPLES = "Examples: assay beat\n\nassay beat --json"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """Keep the time until stopped: what is due is queued once, however many keep it.

    For a service with workers = true. While Redis is away jobs wait in the database; every 30
    seconds the workers are told of what waits. Needs the extra scale.
    """
    if json:
        say.as_json({"beat": "started"})
    else:
        typer.echo("Jobs are queued when they are due; Ctrl-C stops this", err=True)
    working(context, "beat", {})
