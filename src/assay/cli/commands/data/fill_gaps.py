"""`assay data fill-gaps`: ask the sources for the bars that stored series lack."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk
from assay.cli.syncs import DryRun, run_sync

EXAMPLES = "Examples: assay data fill-gaps\n\nassay data fill-gaps EURUSD --dry-run"


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
    """Fetch what the calendar expects and the store lacks, from every source of the feed in turn.

    A holiday, a weekend or a half day is no gap. What a source has answered for and does not have
    is not asked of it again.
    """
    from assay.workflows.syncing.planning import Part
    from assay.workflows.syncing.sync import feeds_of

    desk = writing_desk(context)
    run_sync(desk, feeds_of(desk, symbols or ()), (Part.GAP,), dry_run=dry_run, json=json)
