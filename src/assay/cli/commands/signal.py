"""`assay signal`: what to do now, and why."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk
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
    timeframe: Annotated[str, typer.Option(help="The trained timeframe to decide on, such as 1h.")],
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Decide on the last bar closed by this time (ISO, UTC if it names no zone); on "
            "the newest stored bar if left out."
        ),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Issue the signal of a bar: conviction, evidence, verdict, decision; journalled.

    It says LONG, SHORT or WAIT, how sure the models are together (conviction, 0 to 100), whether
    they have earned belief (PROVEN or not), what the analyst objects, and where a stop and a
    target would lie. Works on what is stored and trained and fetches nothing. The same bar and
    models give the same signal, which is issued once.
    """
    from assay.cli.signals import card
    from assay.workflows.issue import issue

    row = issue(
        writing_desk(context),
        symbol,
        Timeframe.parse(timeframe),
        as_of=moment(as_of) if as_of else None,
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
