"""`assay signal`: what to do now, and why."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import writing_desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay signal EURUSD --timeframe 1h\n\n"
    "assay signal EURUSD --timeframe 1h --as-of 2022-06-15T14:00"
)


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
        as_of=moment(as_of, "--as-of") if as_of else None,
    )
    if json:
        say.as_json(row.payload)
        return
    say.console().print(card(row.payload))
