"""`assay journal show`: one entry, whole."""

import json as text_of
from dataclasses import asdict
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Examples: assay journal show 4\n\nassay journal show 4 --json"


def run(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NO", min=1, help="The entry's number, from 1.")],
    *,
    json: say.Json = False,
) -> None:
    """Show entry NO: when and at which stage it was written, its digests and its payload."""
    entry = desk(context).journal.entry(number)
    if json:
        say.as_json(asdict(entry))
        return
    typer.echo(f"entry {entry.no:,}, {entry.stage}, {entry.at:%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(f"signal {entry.signal_id or 'none'}")
    typer.echo(f"digest {entry.digest}")
    typer.echo(f"after  {entry.prev_digest}")
    typer.echo(text_of.dumps(entry.payload, indent=2, ensure_ascii=False, sort_keys=True))
