"""`assay daily`: a signal for every trained series, as one board."""

import typer

from assay.cli import say
from assay.cli.asked import Timeframes
from assay.cli.main import writing_desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = "Examples: assay daily\n\nassay daily --timeframe 1h --timeframe 4h --json"


def run(
    context: typer.Context,
    timeframe: Timeframes = None,
    *,
    json: say.Json = False,
) -> None:
    """Issue the signal of every series with trained models, and show them as one board.

    A series that fails is listed with the reason and stops no other. Run again, nothing is issued
    twice.
    """
    from assay.cli.boards import board
    from assay.workflows.board import daily

    wanted = [Timeframe.parse(text) for text in timeframe or ()]
    with say.progress(quiet=json) as tick:
        found = daily(writing_desk(context), wanted, tick=tick)
    if json:
        say.as_json(found.to_json())
    else:
        board(found)
    if not found.signals:
        raise typer.Exit(min(line.exit_code for line in found.failed))
