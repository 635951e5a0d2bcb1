"""`assay data import`: put a file's bars into the store."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay data import EURUSD_1h.parquet --symbol EURUSD --timeframe 1h\n\n"
    "assay data import aapl.csv --symbol AAPL --timeframe 15m --class equity --stamp open "
    "--adjust-splits"
)
SHOWN_NOTES = 10


def run(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A Parquet, CSV or CSV.GZ file of bars.")],
    symbol: Annotated[str, typer.Option(help="For example EURUSD, XAUUSD, BTCUSDT, AAPL.")],
    timeframe: Annotated[str, typer.Option(help="1m 5m 10m 15m 30m 1h 4h or 1d.")],
    stamp: Annotated[
        str | None,
        typer.Option(help="Whether a row's time is the bar's open or close, if it cannot tell."),
    ] = None,
    kind: Annotated[
        AssetClass | None,
        typer.Option("--class", help="What a symbol Assay does not know is: equity or index."),
    ] = None,
    venue_calendar: Annotated[
        str | None, typer.Option("--calendar", help="XNYS XLON XTKS or CMES, for a new symbol.")
    ] = None,
    *,
    adjust_splits: Annotated[
        bool,
        typer.Option(
            "--adjust-splits",
            help="Divide a share's prices before each split by its ratio, multiply the volumes.",
        ),
    ] = False,
    json: say.Json = False,
) -> None:
    """Read FILE and store its bars; safe to run again, only new bars are added.

    A jump of a share that looks like a split nobody adjusted for is named, and stored as it is
    without --adjust-splits.
    """
    from assay.workflows.data import import_file

    done = import_file(
        desk(context),
        file,
        symbol,
        Timeframe.parse(timeframe),
        stamp=stamp,
        asset_class=kind,
        venue_calendar=venue_calendar,
        adjust_splits=adjust_splits,
    )
    if json:
        say.as_json(done.to_json())
        return
    typer.echo(
        f"{done.symbol} {done.timeframe}: {done.bars:,} bars read, {done.added:,} added, "
        f"{done.first:%Y-%m-%d %H:%M} to {done.last:%Y-%m-%d %H:%M} UTC"
    )
    if done.renewed:
        typer.echo(
            f"{done.renewed:,} stored bars were adjusted too; the version before is kept. Bars "
            "made of them (assay data resample) and models (assay train) are old now: make them "
            "again"
        )
    for note in done.notes[:SHOWN_NOTES]:
        typer.echo(f"  note: {note.sentence}")
    if len(done.notes) > SHOWN_NOTES:
        typer.echo(f"  and {len(done.notes) - SHOWN_NOTES:,} more notes (--json shows all)")
