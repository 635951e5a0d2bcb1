"""What several commands ask for in the same words: a moment, a set of features."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from assay.core.errors import SettingsError

FIRST_YEAR = 1900
"""Times before it are a slip of the hand."""

Set = Annotated[
    Literal["standard", "full"] | None,
    typer.Option("--set", help="The set of features; the workspace's own if left out."),
]

Symbols = Annotated[
    list[str] | None, typer.Argument(help="Stored symbols; all of them if none is named.")
]
Timeframes = Annotated[
    list[str] | None,
    typer.Option(help="Only this one, such as 1h; may be given again. All if none."),
]
Fits = Annotated[
    int | None,
    typer.Option(help="How many fits at once; the setting jobs if unset.", min=1, max=256),
]


def moment(text: str, option: str) -> datetime:
    """Return the time that `text`, given to `option`, names; in UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year < FIRST_YEAR:
        raise SettingsError(
            f"{option} must be a time such as 2022-06-15T14:00 (UTC); found {text!r}"
        )
    return found
