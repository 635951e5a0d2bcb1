"""`assay data backfill`: fetch one instrument's history from one source."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import writing_desk
from assay.cli.syncs import DryRun, Kind, Since, run_sync

EXAMPLES = (
    "Examples: assay data backfill binance BTCUSDT --timeframe 1h --since 2020-01-01\n\n"
    "assay data backfill yahoo AAPL --class equity --timeframe 30m --timeframe 1h\n\n"
    "assay data backfill ccxt:kraken BTCUSD --dry-run"
)


def run(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="As listed by `assay data sources`.")],
    symbol: Annotated[str, typer.Argument(help="For example EURUSD, XAUUSD, BTCUSDT or AAPL.")],
    timeframe: Annotated[
        list[str] | None, typer.Option(help="Which bars, 1h if left out; more than once for more.")
    ] = None,
    since: Since = None,
    kind: Kind = None,
    calendar: Annotated[
        str | None, typer.Option(help="The exchange of a share or an index: XNYS, XLON …")
    ] = None,
    *,
    dry_run: DryRun = False,
    json: say.Json = False,
) -> None:
    """Fetch every bar of SYMBOL that SOURCE has and the store lacks; safe to stop and run again."""
    from assay.core.values.instrument import AssetClass
    from assay.core.values.timeframe import Timeframe
    from assay.workflows.syncing.sync import EVERYTHING, feed_from

    desk = writing_desk(context)
    lengths = [Timeframe.parse(one) for one in timeframe or ["1h"]]
    start = moment(since, "--since") if since else None
    given = AssetClass(kind) if kind else None
    feed = feed_from(desk, source, symbol, lengths, start, given, calendar)
    run_sync(desk, [feed], EVERYTHING, dry_run=dry_run, json=json)
