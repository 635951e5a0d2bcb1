"""`assay experiment resume`: go on with runs that were stopped, from their finished folds."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.experimenting import Address, ExecutorName, Jobs, go
from assay.cli.main import writing_desk

EXAMPLES = (
    "Examples: assay experiment resume\n\n"
    "assay experiment resume 5456 (any beginning of an id that only one run has)"
)


def run(
    context: typer.Context,
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID…]", help="Runs, or how their ids begin; all if none is named."),
    ] = None,
    jobs: Jobs = None,
    executor: ExecutorName = "local",
    address: Address = None,
    *,
    json: say.Json = False,
) -> None:
    """Run what was started and never finished: stopped, killed, or failed; as it was planned then.

    Folds that are kept are not fitted again, unless data or code have changed since. Each is a run
    of its own in the list, and still the same trial in the count of its family.
    """
    from assay.workflows.experiments.foreseeing import to_resume

    opened = writing_desk(context)
    left = to_resume(opened, runs or ())
    if not left and not json:
        typer.echo("Every run that was started has finished; there is nothing to resume")
        return
    go(opened, left, jobs=jobs, executor=executor, address=address, json=json)
