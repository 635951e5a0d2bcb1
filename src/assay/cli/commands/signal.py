"""`assay signal`: what to do now, and why."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay signal EURUSD --timeframe 1h\n\n"
    "assay signal EURUSD --timeframe 1h --as-of 2022-06-15T14:00"
)
FIRST_YEAR = 1900
"""Times before it are a slip of the hand."""


def run(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A symbol with trained models.")],
    timeframe: Annotated[str, typer.Option(help="The timeframe to decide on, for example 1h.")],
    as_of: Annotated[
        str | None, typer.Option(help="The last bar by then (UTC); the newest if left out.")
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Issue the signal of a bar: conviction, evidence, verdict, decision; journalled."""
    from assay.cli.signals import card
    from assay.workflows.issue import issue

    row = issue(
        desk(context), symbol, Timeframe.parse(timeframe), as_of=moment(as_of) if as_of else None
    )
    if json:
        say.as_json(row.payload)
        return
    say.console().print(card(row.payload))


def moment(text: str) -> datetime:
    """Return the time that `text` names, in UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year < FIRST_YEAR:
        raise SettingsError(
            f"--as-of must be a time such as 2022-06-15T14:00 (UTC); found {text!r}"
        )
    return found
