"""`assay experiment show`: everything about one run."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = (
    "Examples: assay experiment show trial-5456ab12cd34\n\n"
    "assay experiment show 5456 --json (any beginning that only one run has)"
)


def run(
    context: typer.Context,
    experiment_run: Annotated[
        str, typer.Argument(metavar="ID", help="A run, or how its id begins.")
    ],
    *,
    json: say.Json = False,
) -> None:
    """Show what run ID asked, how it was made, and what it found, fold by fold and seed by seed.

    The number of configurations tried in its family is what its figures must be judged against.
    """
    from assay.workflows.experiments.looking import one_run

    found = one_run(desk(context), experiment_run)
    if json:
        say.as_json(found)
        return
    from assay.cli.experiment_pages import shown

    say.console().print(shown(found))
