"""`assay gate explain`: why a result that looks too good to be true is no leak."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk

EXAMPLES = (
    'Example: assay gate explain 5456 --by "A. Quant" --why "the peg was held all through the '
    'test, so that every move was undone; see notes/peg.md"'
)


def run(
    context: typer.Context,
    experiment_run: Annotated[
        str, typer.Argument(metavar="ID", help="A run, or how its id begins.")
    ],
    why: Annotated[str, typer.Option(help="Why it is no leak; it is kept, and shown.")],
    by: Annotated[str, typer.Option(help="Who says so; it is kept, and shown.")],
    *,
    json: say.Json = False,
) -> None:
    """Put on record why run ID, which the gate suspects of a leak, has none.

    A hit rate above 60 %, an information coefficient above 0.15 or a Sharpe ratio above 5 fails as
    a suspected leak until somebody has explained it. Explained, it goes to PAPER at most, on prices
    that nobody has seen yet. What the gate measures, as costs or drift, cannot be explained away.
    The explanation holds for this configuration with these results alone.
    """
    from assay.workflows.experiments.explaining import explain
    from assay.workflows.verdicts import verdict_on

    desk = writing_desk(context)
    explain(desk, experiment_run, why=why, by=by)
    found = verdict_on(desk, experiment_run)
    if json:
        say.as_json(found)
        return
    from assay.cli.gates import verdict

    say.console().print(verdict(found))
