"""`assay data import`: put the bars of anybody's files into the store."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.cli.told import Dates, PriceUnit
from assay.core.errors import SettingsError
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe

if TYPE_CHECKING:
    from assay.sources.contract import Note
    from assay.workflows.imported import Imported, Look, Refused, Run

EXAMPLES = (
    "Examples: assay data import EURUSD_H1.csv\n\n"
    'assay data import "downloads/*.zip" --look\n\n'
    "assay data import GBPUSD_M1.csv --clock America/New_York\n\n"
    "assay data import data/ --class equity --class US500=index --yes\n\n"
    "assay data import aapl.csv --symbol AAPL --class equity --stamp open --adjust-splits"
)
SHOWN_NOTES = 10
SHOWN_FILES = 40


def run(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files, folders or globs: CSV, TSV, JSON, Parquet, Feather, gz, zip."),
    ],
    symbol: Annotated[
        str | None, typer.Option(help="What they hold, if they do not say: EURUSD, AAPL …")
    ] = None,
    timeframe: Annotated[
        str | None, typer.Option(help="1m 5m 10m 15m 30m 1h 4h or 1d; the step of the times tells.")
    ] = None,
    clock: Annotated[
        str | None,
        typer.Option(
            help="What times without a zone are written in: UTC, America/New_York, Europe/Athens, "
            'America/New_York+7h, UTC+2, or "Europe/Berlin until 2014-11-22, Europe/Athens".'
        ),
    ] = None,
    stamp: Annotated[
        str | None, typer.Option(help="Whether a row's time is the bar's open or close.")
    ] = None,
    dates: Dates = None,
    price_unit: PriceUnit = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--class", help="What unknown symbols are: equity, index …; or one: US500=index."
        ),
    ] = None,
    venue_calendar: Annotated[
        str | None, typer.Option("--calendar", help="XNYS XLON XTKS or CMES, for new symbols.")
    ] = None,
    *,
    adjust_splits: Annotated[
        bool,
        typer.Option(
            "--adjust-splits",
            help="Divide a share's prices before each split by its ratio, multiply the volumes.",
        ),
    ] = False,
    look: Annotated[
        bool, typer.Option("--look", help="Show what is found; store nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Store without asking.")] = False,
    json: say.Json = False,
) -> None:
    """Find out what files hold and store their bars; safe to run again, only new ones are added.

    Layout, symbol, timeframe, clock, stamp and unit of prices are found out and shown with the
    evidence; what cannot be known is asked for, never guessed. In a terminal you are asked before
    anything is stored. A file that is refused is named with the reason; the command ends with 1
    then, and stores the others.
    """
    from assay.sources.told import Told
    from assay.workflows.imported import Wanted
    from assay.workflows.imports import files_of, look_at, store_all

    every, single = _classes(kinds or [])
    wanted = Wanted(
        symbol,
        None if timeframe is None else Timeframe.parse(timeframe),
        Told.of(stamp=stamp, clock=clock, dates=dates, price_unit=price_unit),
        every,
        single,
        venue_calendar,
        adjust_splits,
    )
    opened = desk(context)
    files = files_of(paths)
    quiet = json or len(files) == 1
    with say.progress(quiet=quiet) as tick:
        looks, refused = look_at(opened, files, wanted, tick=tick)
    alone = len(looks) + len(refused) == 1
    if alone and refused:
        raise refused[0].error
    if look:
        _show(looks, refused, json=json)
        return
    asks = not (yes or json) and sys.stdin.isatty() and sys.stdout.isatty()
    if asks:
        _show(looks, refused, json=False)
        typer.confirm("Store these bars?", default=True, abort=True)
    with say.progress(quiet=quiet) as tick:
        done = store_all(opened, looks, refused, wanted, tick=tick)
    if alone and done.refused:
        raise done.refused[0].error
    if json:
        say.as_json(done.imported[0].to_json() if alone else done.to_json())
    elif alone:
        _say_one(done.imported[0], found=not asks)
    else:
        _say_all(done)
    if done.refused:
        raise typer.Exit(1)


def _classes(said: Sequence[str]) -> tuple[AssetClass | None, dict[str, AssetClass]]:
    every, single = None, {}
    for text in said:
        symbol, _, kind = text.rpartition("=")
        if kind not in set(AssetClass):
            raise SettingsError(
                f"--class is one of {', '.join(AssetClass)}, or SYMBOL=one of them; found {text!r}"
            )
        if symbol:
            single[symbol.strip().upper()] = AssetClass(kind)
        else:
            every = AssetClass(kind)
    return every, single


def _show(looks: "Sequence[Look]", refused: "Sequence[Refused]", *, json: bool) -> None:
    if json:
        found = [one.to_json() for one in looks]
        say.as_json({"found": found, "refused": [one.to_json() for one in refused]})
        return
    if len(looks) == 1 and not refused:
        one = looks[0]
        typer.echo(f"{one.name}: {one.bars:,} bars, {_span(one)}")
        rows = [(f.what, f.value, f.evidence, f.flag) for f in one.findings]
        facts = ("what", "found", "because", "otherwise say")
        say.console().print(say.table("", facts, rows))
        _notes(one.notes)
        return
    files = [_row(one) for one in looks[:SHOWN_FILES]]
    columns = ("file", "symbol", "timeframe", ">bars", "first and last close", "clock", "layout")
    say.console().print(say.table("Found", columns, files))
    _more(len(looks) - len(files))
    _refusals(refused)


def _row(one: "Look") -> tuple[str, ...]:
    found = {f.what: f.value for f in one.findings}
    return (
        Path(one.name).name,
        one.instrument.symbol,
        one.timeframe,
        f"{one.bars:,}",
        _span(one),
        found.get("clock", "days"),
        found.get("layout", ""),
    )


def _span(one: "Look | Imported") -> str:
    return f"{one.first:%Y-%m-%d %H:%M} to {one.last:%Y-%m-%d %H:%M} UTC"


def _say_one(done: "Imported", *, found: bool) -> None:
    typer.echo(
        f"{done.symbol} {done.timeframe}: {done.bars:,} bars read, {done.added:,} added, "
        f"{_span(done)}"
    )
    if found:
        for one in done.findings:
            typer.echo(f"  {one.what}: {one.value} ({one.evidence})")
    if done.renewed:
        typer.echo(
            f"{done.renewed:,} stored bars were adjusted too; the version before is kept. Bars "
            "made of them (assay data resample) and models (assay train) are old now: make them "
            "again"
        )
    _notes(done.notes)


def _notes(notes: "Sequence[Note]") -> None:
    for note in notes[:SHOWN_NOTES]:
        typer.echo(f"  note: {note.sentence}")
    if len(notes) > SHOWN_NOTES:
        typer.echo(f"  and {len(notes) - SHOWN_NOTES:,} more notes (--json shows all)")


def _say_all(done: "Run") -> None:
    added = sum(one.added for one in done.imported)
    series = len({(one.symbol, one.timeframe) for one in done.imported})
    rows = [
        (
            Path(one.name).name,
            one.symbol,
            one.timeframe,
            f"{one.bars:,}",
            f"{one.added:,}",
            _span(one),
            f"{len(one.notes):,}",
        )
        for one in done.imported[:SHOWN_FILES]
    ]
    columns = ("file", "symbol", "timeframe", ">bars", ">added", "first and last close", ">notes")
    say.console().print(say.table("Stored", columns, rows))
    _more(len(done.imported) - len(rows))
    _refusals(done.refused)
    typer.echo(
        f"{len(done.imported):,} files were read, {added:,} bars added to {series:,} series; "
        f"{len(done.refused):,} files were refused (--json shows every note)"
    )


def _refusals(refused: "Sequence[Refused]") -> None:
    if not refused:
        return
    rows = [(Path(one.name).name, _reason(one)) for one in refused[:SHOWN_FILES]]
    say.console().print(say.table("Refused", ("file", "reason"), rows))
    _more(len(refused) - len(rows))


def _reason(one: "Refused") -> str:
    """Return the reason without the name of the file, which stands beside it."""
    return str(one.error).replace(f"{one.name}: ", "").replace(one.name, "it")


def _more(count: int) -> None:
    if count > 0:
        typer.echo(f"and {count:,} more (--json shows all)")
