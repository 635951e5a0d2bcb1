"""`assay models monitor`: whether what is in service still does what it was let in for."""

import typer

from assay.cli import say
from assay.cli.asked import Symbols, Timeframes
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = "Examples: assay models monitor\n\nassay models monitor EURUSD --timeframe 1h --json"


def run(
    context: typer.Context,
    symbols: Symbols = None,
    timeframe: Timeframes = None,
    *,
    json: say.Json = False,
) -> None:
    """Hold the models in service against the bars that came after they were fitted.

    Three monitors: the log loss of the pool and of each member that weighs, against the gain they
    were let in with; how often outcomes fall inside the promised intervals; and how many of the
    columns they read look like others now. What has DRIFTED is trained again by assay retrain. With
    --json the log loss of every 20 trading days is there, too.
    """
    from assay.workflows.monitoring import monitor

    wanted = [Timeframe.parse(text) for text in timeframe or ()]
    with say.progress(quiet=json) as tick:
        found = monitor(desk(context), symbols or (), wanted, tick=tick)
    if json:
        say.as_json(found)
        return
    from assay.cli.retrainings import monitors

    say.console().print(monitors(found))
    for problem in found["problems"]:
        typer.echo(f"  left out: {problem}")
