"""`assay journal verify`: whether the record is what was written."""

from dataclasses import asdict

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.errors import JournalError

EXAMPLES = "Examples: assay journal verify\n\nassay journal verify --json"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """Check every entry, the chain, its head, and the signals against their entries.

    Ends with 1 and names the first bad entry if one was altered, deleted, added, moved or cut off,
    or if the database is gone and the head shows that there were entries.
    """
    found = desk(context).journal_as_it_is.verify()
    if json:
        problem = asdict(found.problem) if found.problem else None
        say.as_json(
            {
                "intact": found.intact,
                "entries": found.entries,
                "problem": problem,
                "notes": found.notes,
            }
        )
        raise typer.Exit(0 if found.intact else 1)
    if found.problem:
        raise JournalError(found.problem.sentence)
    typer.echo(
        f"The journal is intact: {found.entries:,} {'entry' if found.entries == 1 else 'entries'}, "
        "every digest, the chain, its head and the signals hold"
    )
    for note in found.notes:
        typer.echo(f"  note: {note}")
