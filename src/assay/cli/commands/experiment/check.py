"""`assay experiment check`: validate experiment files, and say what they would run."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = (
    "Examples: assay experiment check my-idea.yaml\n\n"
    "assay experiment check experiments/ --data\n\n"
    "assay experiment check NAME (one that comes with Assay: assay experiment list --library)"
)


def run(
    context: typer.Context,
    experiments: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="YAML files, folders of them, or library names."),
    ],
    *,
    data: Annotated[
        bool, typer.Option("--data", help="Look at the stored history, too: does it suffice?")
    ] = False,
    json: say.Json = False,
) -> None:
    """Say every run that FILE asks for, or all that is wrong in it, line by line; run nothing.

    With --data the features are computed once and the history is cut, so that a run can no longer
    be refused for want of bars; the fits then count the placebo and the baseline, too.
    """
    from assay.workflows.experiments.foreseeing import foreseen, foreseen_here

    if data:
        with say.progress(quiet=json) as tick:
            found = foreseen_here(desk(context), experiments, tick)
    else:
        found = foreseen(experiments)
    if json:
        say.as_json(found)
        return
    from assay.cli.experiments import planned

    say.console().print(planned(found))
