"""`assay models show`: the card of one model."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Examples: assay models show 2c64b60fb640\n\nassay models show 2c64 --json"


def run(
    context: typer.Context,
    artefact: Annotated[
        str, typer.Argument(help="An artefact's id, or how it begins (see assay models list).")
    ],
    *,
    json: say.Json = False,
) -> None:
    """Show a model's card: what it learned from, how it scored, how it is calibrated.

    Every hash, shape and golden answer is checked first; a model that fails is not shown.
    """
    from assay.cli.cards import show
    from assay.workflows.catalogue import model

    found = model(desk(context), artefact)
    if json:
        say.as_json(found)
        return
    show(found)
