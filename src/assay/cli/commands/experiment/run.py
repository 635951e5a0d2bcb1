"""`assay experiment run`: run every experiment of some files, and keep what they found."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.experimenting import Address, ExecutorName, Jobs, go
from assay.cli.main import writing_desk

EXAMPLES = (
    "Examples: assay experiment run my-idea.yaml\n\n"
    "assay experiment run experiments/ --jobs 4\n\n"
    "assay experiment run my-idea.yaml --executor ray --address auto --jobs 32"
)


def run(
    context: typer.Context,
    experiments: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="YAML files, folders of them, or library names."),
    ],
    jobs: Jobs = None,
    executor: ExecutorName = "local",
    address: Address = None,
    *,
    json: say.Json = False,
) -> None:
    """Register every run that FILE asks for, fit it fold by fold, and say what it was worth.

    All are checked before the first begins. Each finished fold is kept at once: stopped with Ctrl-C
    or killed, assay experiment resume goes on from there, and what is there of the same
    configuration, data and code is never fitted again. Every run counts as a trial of its family,
    failed ones too. Ends with 1 if a run failed.
    """
    from assay.workflows.experiments.foreseeing import read_all

    opened = writing_desk(context)
    go(opened, read_all(experiments), jobs=jobs, executor=executor, address=address, json=json)
