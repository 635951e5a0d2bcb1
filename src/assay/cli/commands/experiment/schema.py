"""`assay experiment schema`: the JSON Schema of experiment files, for editors."""

import json as text_of
from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say

EXAMPLES = "Example: assay experiment schema --out experiment.schema.json"


def run(
    out: Annotated[
        Path | None, typer.Option(help="The file to write; printed here if left out.")
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Print the JSON Schema of an experiment file: editors complete and check with it.

    A file that begins with the line "# yaml-language-server: $schema=experiment.schema.json" tells
    an editor where it lies.
    """
    from assay.workflows.experiments.reading import schema

    found = schema()
    if out is None:
        if json:
            say.as_json(found)
        else:
            typer.echo(text_of.dumps(found, indent=2, ensure_ascii=False))
        return
    from assay.store.files import write_atomic

    write_atomic(out, (text_of.dumps(found, indent=2, ensure_ascii=False) + "\n").encode())
    if json:
        say.as_json({"schema": str(out)})
    else:
        typer.echo(f"Schema: {out}")
