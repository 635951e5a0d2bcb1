"""`assay experiment look`: open the family's lock box for one run; every look is counted."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.experimenting import Address, ExecutorName, Jobs, made_executor
from assay.cli.main import writing_desk

EXAMPLES = 'Example: assay experiment look 5456 --reason "the last test before trading on paper"'


def run(
    context: typer.Context,
    trial: Annotated[
        str, typer.Argument(metavar="ID", help="A finished run, or how its id begins.")
    ],
    reason: Annotated[str, typer.Option(help="Why it is opened; it is kept.")],
    jobs: Jobs = None,
    executor: ExecutorName = "local",
    address: Address = None,
    *,
    json: say.Json = False,
) -> None:
    """Learn from all history before the lock box, and test on what lies in it.

    The lock box is given in the file of the family's first experiment, as
    lock_box: {from: 2021-01-01}; no run of the family reads it. A look is stored and counted before
    it happens. What has been looked at often was chosen by, too: after more than three looks the
    gate lets the family go no further than PAPER.
    """
    from assay.workflows.experiments.looks import look

    opened = writing_desk(context)
    opened.jobs = jobs or opened.jobs
    made = made_executor(executor, opened.jobs, address)
    with say.progress(quiet=json) as bars:
        found = look(opened, trial, made, reason=reason, tick=bars)
    if json:
        say.as_json(found)
        return
    from assay.cli.experiments import looked

    say.console().print(looked(found))
