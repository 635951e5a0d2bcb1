"""Import bars out of anybody's files: look, say what was found, store."""

from collections.abc import Sequence
from dataclasses import replace
from glob import glob, has_magic
from pathlib import Path

from assay.core.errors import AssayError, DataError, NotFoundError, SettingsError
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Fetched, Note
from assay.sources.splits import split_notes
from assay.sources.told import Told
from assay.workflows.adjust import store_adjusted, store_as_it_is
from assay.workflows.define import remember
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.imported import Imported, Look, Refused, Run, Table, Wanted
from assay.workflows.looking import look, meant, tables_of

KEPT_BARS = 10_000_000
"""So many bars are kept between looking and storing; files beyond are read again."""


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Return the files that paths, folders and globs name, each once, in order of their names.

    A folder is searched through; hidden files and notes (`.md`) in it are no data.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            within = (p for p in sorted(path.rglob("*")) if p.is_file())
            found |= dict.fromkeys(p for p in within if _may_be_data(p, path))
        elif has_magic(str(path)) and not path.exists():
            names = sorted(Path(name) for name in glob(str(path), recursive=True))  # noqa: PTH207 - a path of any root
            if not names:
                raise NotFoundError(f"No file matches {path}")
            found |= dict.fromkeys(name for name in names if name.is_file())
        else:
            found[path] = None
    if not found:
        raise NotFoundError(f"There is no file of data in {', '.join(str(p) for p in paths)}")
    return list(found)


def _may_be_data(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return not any(part.startswith(".") for part in parts) and path.suffix.lower() != ".md"


def look_at(
    desk: Desk, paths: Sequence[Path], wanted: Wanted, *, tick: Tick = silent
) -> tuple[list[Look], list[Refused]]:
    """Return what the files hold and how they would be read, and those that cannot be; no writing.

    What is stored already of an instrument serves to find a file's clock and unit.
    """
    if wanted.symbol is not None:
        meant(desk, wanted.symbol, wanted)  # what is asked for is settled before files are read
    looks: list[Look] = []
    refused: list[Refused] = []
    files, kept = files_of(paths), 0
    for number, file in enumerate(files, 1):
        try:
            for table in tables_of(file, wanted):
                try:
                    found = look(desk, table, wanted)
                except AssayError as error:
                    refused.append(Refused(file, table.name, error))
                    continue
                kept += found.bars
                looks.append(found if kept <= KEPT_BARS else replace(found, fetched=None))
        except AssayError as error:
            refused.append(Refused(file, str(file), error))
        tick("Reading files", number, len(files))
    return looks, refused


def store_all(
    desk: Desk,
    looks: Sequence[Look],
    refused: Sequence[Refused],
    wanted: Wanted,
    *,
    tick: Tick = silent,
) -> Run:
    """Store what was looked at, the oldest bars of a series first; then look again at the refused.

    A file whose clock was not clear may be read once other bars of its instrument are stored.
    """
    done: list[Imported] = []
    out: list[Refused] = []
    unclear = [one for one in refused if isinstance(one.error, SettingsError)]
    out += [one for one in refused if one not in unclear]
    total = len(looks) + len(unclear)

    def keep(found: Look) -> None:
        try:
            done.append(_store(desk, found, wanted))
        except AssayError as error:
            out.append(Refused(found.file, found.name, error))

    ordered = sorted(
        looks, key=lambda one: (one.instrument.symbol, one.timeframe.minutes, one.first)
    )
    for number, found in enumerate(ordered, 1):
        keep(found)
        tick("Storing bars", number, total)
    for number, one in enumerate(unclear, len(ordered) + 1):
        try:
            keep(look(desk, _again(one.file, one.name, wanted), wanted))
        except AssayError as error:
            out.append(Refused(one.file, one.name, error))
        tick("Storing bars", number, total)
    return Run(tuple(done), tuple(out))


def import_files(desk: Desk, paths: Sequence[Path], wanted: Wanted, *, tick: Tick = silent) -> Run:
    """Look at files and store what they hold; safe to repeat, only new bars are added."""
    looks, refused = look_at(desk, paths, wanted, tick=tick)
    return store_all(desk, looks, refused, wanted, tick=tick)


def import_file(
    desk: Desk,
    file: Path,
    symbol: str | None = None,
    timeframe: Timeframe | None = None,
    *,
    stamp: str | None = None,
    clock: str | None = None,
    asset_class: AssetClass | None = None,
    venue_calendar: str | None = None,
    adjust_splits: bool = False,
) -> Imported:
    """Import one file that holds one instrument; what refuses it is raised."""
    told = Told.of(stamp=stamp, clock=clock)
    wanted = Wanted(
        symbol,
        timeframe,
        told,
        asset_class,
        venue_calendar=venue_calendar,
        adjust_splits=adjust_splits,
    )
    return _store(desk, look(desk, _only(file, wanted), wanted), wanted)


def one_series(
    desk: Desk, file: Path, instrument: Instrument, timeframe: Timeframe, told: Told
) -> Fetched:
    """Return the bars of one instrument that a file holds, read as an import would."""
    wanted = Wanted(instrument.symbol, timeframe, told)
    found = look(desk, _only(file, wanted), wanted).fetched
    assert found is not None
    return found


def _only(file: Path, wanted: Wanted) -> Table:
    tables = list(tables_of(file, wanted))
    if len(tables) != 1:
        names = ", ".join(table.name for table in tables[:3])
        raise DataError(f"{file} holds {len(tables)} tables of bars ({names} …); name one symbol")
    return tables[0]


def _again(file: Path, name: str, wanted: Wanted) -> Table:
    """Return the table called `name` of a file that was read before, read anew."""
    for table in tables_of(file, wanted):
        if table.name == name:
            return table
    raise DataError(f"{name} is not there any more: {file} changed while it was imported")


def _store(desk: Desk, found: Look, wanted: Wanted) -> Imported:
    fetched = found.fetched
    if fetched is None:
        fetched = look(desk, _again(found.file, found.name, wanted), wanted).fetched
        assert fetched is not None
    remember(desk, found.instrument)
    store = store_adjusted if wanted.adjust_splits else store_as_it_is
    stored = store(desk, fetched.bars, f"file:{found.file.name}")
    notes = split_notes(stored.splits, were_adjusted=wanted.adjust_splits)
    if wanted.adjust_splits and not stored.splits:
        said = "No jump from one session to the next looks like a split: nothing was adjusted"
        notes = (Note("no_split", said),)
    return Imported(
        symbol=found.instrument.symbol,
        timeframe=found.timeframe,
        file=found.file,
        name=found.name,
        bars=found.bars,
        added=stored.added,
        renewed=stored.renewed,
        first=found.first,
        last=found.last,
        splits=stored.splits,
        splits_adjusted=wanted.adjust_splits,
        findings=found.findings,
        notes=(*notes, *fetched.notes),
    )
