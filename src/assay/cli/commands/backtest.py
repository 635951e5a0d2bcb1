"""`assay backtest`: the whole chain walked forward through history."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.asked import Symbols
from assay.cli.main import writing_desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay backtest\n\nassay backtest EURUSD XAUUSD --timeframe 1h --folds 4\n\n"
    "assay backtest EURUSD --retrain-every 90 --window 1500"
)


def run(
    context: typer.Context,
    symbols: Symbols = None,
    timeframe: Annotated[
        str | None,
        typer.Option(help="The one to decide on, such as 1h; the shortest stored if left out."),
    ] = None,
    folds: Annotated[
        int,
        typer.Option(min=1, max=24, help="How many test spans; each refits on the past before it."),
    ] = 4,
    every: Annotated[
        int | None,
        typer.Option(
            "--retrain-every",
            min=1,
            metavar="DAYS",
            help="Refit after so many days, as `assay retrain` would, instead of --folds times.",
        ),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="DAYS",
            help="Learn from the last so many days alone; the setting history_days if left out.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The HTML file to write; in the workspace's reports/ if left out."),
    ] = None,
    *,
    referee: Annotated[
        bool, typer.Option(help="Let the analyst judge every decision that would trade.")
    ] = True,
    json: say.Json = False,
) -> None:
    """Refit and decide fold by fold, trade through the kernel, and write a report.

    Orders fill no earlier than the next bar's open and pay fees, half the spread and slippage. The
    run is counted as a trial, for the more one tries, the more one finds by chance.
    """
    from assay.cli.backtests import summary
    from assay.evaluation.splits import SplitPlan
    from assay.workflows.backtest import backtest
    from assay.workflows.reports import write_page

    opened = writing_desk(context)
    days = window or opened.history_days
    with say.progress(quiet=json) as tick:
        done = backtest(
            opened,
            symbols or (),
            Timeframe.parse(timeframe) if timeframe else None,
            split=SplitPlan(
                folds=folds,
                every=timedelta(days=every) if every else None,
                window=timedelta(days=days) if days else None,
            ),
            referee=referee,
            tick=tick,
        )
    page = write_page(opened, done.report, out)
    if json:
        say.as_json({**done.report, "page": str(page)})
        return
    say.console().print(summary(done.report))
    typer.echo(f"Report: {page}")
