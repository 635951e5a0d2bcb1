"""`assay data sync`: bring every configured series up to date."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk
from assay.cli.syncs import DryRun, run_sync

EXAMPLES = (
    "Examples: assay data sync\n\nassay data sync EURUSD BTCUSDT\n\nassay data sync --dry-run"
)


def run(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SYMBOL]…", help="Of the configured feeds; all if left out."),
    ] = None,
    *,
    dry_run: DryRun = False,
    json: say.Json = False,
) -> None:
    """Fetch new bars, older ones and gaps of the feeds in assay.toml, and store them.

    A feed names an instrument, its sources in the order of preference, and its timeframes:

    [feeds.EURUSD]

    sources = ["yahoo", "massive"]

    timeframes = ["15m", "1h", "4h"]

    Bars that no source has in that length are made of shorter ones. If a source is down, busy or
    refuses its key, the next one is asked; the others go on. Late corrections by the source of a
    series are stored as newer versions. Safe to stop and to run again.
    """
    from assay.workflows.syncing.sync import EVERYTHING, feeds_of

    desk = writing_desk(context)
    run_sync(desk, feeds_of(desk, symbols or ()), EVERYTHING, dry_run=dry_run, json=json)
