"""`assay experiment ablate`: the same experiment with and without one thing in it."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.experimenting import Address, ExecutorName, Jobs, made_executor
from assay.cli.main import writing_desk

EXAMPLES = (
    "Examples: assay experiment ablate my-idea.yaml --sentiment\n\n"
    "assay experiment ablate my-idea.yaml --without volume --without rsi\n\n"
    "assay experiment ablate crypto-headlines --sentiment --member momentum --json"
)


def run(
    context: typer.Context,
    experiments: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="YAML files, folders of them, or library names."),
    ],
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A group of features, or a feature, that is left out."),
    ] = None,
    member: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another member in its place.")
    ] = None,
    jobs: Jobs = None,
    executor: ExecutorName = "local",
    address: Address = None,
    *,
    sentiment: Annotated[
        bool, typer.Option("--sentiment", help="Short for --without sentiment: does news help?")
    ] = False,
    json: say.Json = False,
) -> None:
    """Run each experiment of FILE with and without something, and say what that was worth.

    Both runs are on the same bars, folds, rows and seeds, and are trials of their family like any
    other; what is there already is not fitted again. Shown is what the run with the thing gains, by
    blocks of whole days over all instruments: log loss (the test of Diebold and Mariano, corrected
    for all ablations of the call), the error of the middle forecast, the net Sharpe ratio; how many
    rows had any news to read; and which difference so much data would have shown. Where there was
    no news, nothing is fitted, and that is said. Ends with 1 if a run failed.
    """
    from assay.workflows.experiments.ablating import Change, ablate
    from assay.workflows.experiments.foreseeing import read_all

    groups = [*(["sentiment"] if sentiment else []), *(without or ())]
    changes = [Change.without(name) for name in groups]
    changes += [Change.member(name) for name in member or ()]
    planned = read_all(experiments)
    opened = writing_desk(context)
    opened.jobs = jobs or opened.jobs
    made = made_executor(executor, opened.jobs, address)
    with say.progress(quiet=json) as tick:
        found = ablate(opened, planned, changes, made, tick=tick).to_json()
    if json:
        say.as_json(found)
    else:
        from assay.cli.ablations import ablated

        say.console().print(ablated(found))
    if any(one["verdict"] == "failed" for one in found["ablations"]):
        raise typer.Exit(1)
