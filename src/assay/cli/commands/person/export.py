"""`assay person export`: all that is kept of somebody."""

from dataclasses import asdict
from json import dumps
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.access import door
from assay.core.ids import plain

SECRETS = {"password", "digest", "key"}
EXAMPLES = "Examples: assay person export anna"


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose data.")],
    *,
    json: say.Json = False,
) -> None:
    """Print all that is kept of NAME as JSON: rights, sessions, tokens, deeds; no hashes."""
    from assay.workflows.access.people import export_person, person_called

    found = door(context)
    kept = asdict(export_person(found, person_called(found, name).id))
    rows = {
        part: [_shown(row) for row in value] if isinstance(value, list) else _shown(value)
        for part, value in kept.items()
    }
    if json:
        say.as_json(rows)
    else:
        typer.echo(dumps(plain(rows), indent=1, ensure_ascii=False))


def _shown(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in SECRETS}
