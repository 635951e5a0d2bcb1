"""`assay data correct`: a newer version of stored bars."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.cli.told import Dates, PriceUnit
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay data correct fixed.csv --symbol EURUSD --timeframe 1h "
    '--reason "the provider withdrew a wrong price"\n\n'
    "assay data correct fixed.parquet --symbol EURUSD --timeframe 1h --reason late --json"
)
SHOWN_NOTES = 10


def run(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A Parquet, CSV or CSV.GZ file of the right bars.")],
    symbol: Annotated[str, typer.Option(help="A stored symbol, for example EURUSD.")],
    timeframe: Annotated[str, typer.Option(help="Its timeframe: 1m 5m 10m 15m 30m 1h 4h or 1d.")],
    reason: Annotated[str, typer.Option(help="Why they are corrected; it is kept with them.")],
    stamp: Annotated[
        str | None,
        typer.Option(help="Whether a row's time is the bar's open or close, if it cannot tell."),
    ] = None,
    clock: Annotated[
        str | None, typer.Option(help="The clock of the times, as for assay data import.")
    ] = None,
    dates: Dates = None,
    price_unit: PriceUnit = None,
    *,
    json: say.Json = False,
) -> None:
    """Store the bars of FILE that differ from the stored ones as a newer version.

    Nothing is lost: what was stored before stays readable as it was known then, and assay explain
    says of every older signal which of its bars were corrected since. FILE may hold the whole
    series or only the bars in question; new bars after the last stored one are for assay data
    import. A correction cannot be taken back, but it can be corrected again.
    """
    from assay.sources.told import Told
    from assay.workflows.correct import correct_file

    told = Told.of(stamp=stamp, clock=clock, dates=dates, price_unit=price_unit)
    done = correct_file(
        desk(context), file, symbol, Timeframe.parse(timeframe), reason=reason, told=told
    )
    if json:
        say.as_json(done.to_json())
        return
    typer.echo(
        f"{done.symbol} {done.timeframe}: {done.changed:,} of {done.bars:,} bars were changed, the "
        "others are as stored"
    )
    rows = [
        (
            f"{one.known_at:%Y-%m-%d %H:%M:%S}",
            one.kind,
            f"{one.rows:,}",
            f"{one.first:%Y-%m-%d %H:%M}",
            f"{one.last:%Y-%m-%d %H:%M}",
            one.reason or one.source or "",
        )
        for one in done.versions
    ]
    columns = ("known since UTC", "what", ">bars", "first close UTC", "last close UTC", "why")
    say.console().print(say.table("Versions, all still readable", columns, rows))
    for other in done.made_of_it:
        typer.echo(
            f"{done.symbol} {other} was made of these bars: assay data resample {done.symbol} "
            f"--from {done.timeframe} --to {other} makes it again"
        )
    for note in done.notes[:SHOWN_NOTES]:
        where = f"line {note.line:,}: " if note.line else ""
        typer.echo(f"  note: {where}{note.sentence}")
    if len(done.notes) > SHOWN_NOTES:
        typer.echo(f"  and {len(done.notes) - SHOWN_NOTES:,} more notes (--json shows all)")
