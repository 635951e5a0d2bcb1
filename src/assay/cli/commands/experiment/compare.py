"""`assay experiment compare`: runs side by side, and their difference day by day."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Examples: assay experiment compare 5456 9e1f\n\nassay experiment compare --family trend"


def run(
    context: typer.Context,
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID ID…]", help="Two runs or more, or how their ids begin."),
    ] = None,
    family: Annotated[
        str | None, typer.Option(help="All finished runs of this family, the newest of each.")
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Show what differs in what the runs asked, their figures, and the first against each other.

    The difference is of daily net returns on the days both have, with a 95 % interval over blocks
    of days: an interval that holds 0 says that they cannot be told apart.
    """
    from assay.workflows.experiments.comparing import compare

    found = compare(desk(context), runs or (), family)
    if json:
        say.as_json(found)
        return
    from assay.cli.experiment_pages import compared

    say.console().print(compared(found))
