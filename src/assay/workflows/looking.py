"""Find out what a file holds: its tables, and of each the instrument, the timeframe, the bars."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from assay.core.errors import DataError, SettingsError
from assay.core.symbols import plain_symbol
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Fetched, Finding, Note
from assay.sources.file_bars import bars_of
from assay.sources.file_names import from_name
from assay.sources.file_rows import Rows, rows_of
from assay.sources.file_stamp import usual_step
from assay.sources.layouts import Layout, layout_of
from assay.sources.reading.raw import Raw, read_tables
from assay.workflows.define import resolve
from assay.workflows.desk import Desk
from assay.workflows.imported import Look, Table, Wanted

MOST_INSTRUMENTS = 100
"""A table of more of them is not taken apart without being asked for one."""
AROUND = timedelta(days=2)


def tables_of(file: Path, wanted: Wanted) -> Iterator[Table]:
    """Yield each instrument's table of a file; of many only the one that is wanted."""
    for raw in read_tables(file):
        layout = layout_of(raw, raw.name)
        names = _instruments(raw, layout)
        if len(names) < 2:
            yield Table(file, raw.name, raw, layout)
            continue
        if wanted.symbol is not None:
            asked = plain_symbol(wanted.symbol)
            chosen = [name for name in names if plain_symbol(name) == asked]
            if not chosen:
                raise DataError(
                    f"{raw.name} holds {len(names):,} instruments, but not {wanted.symbol}: the "
                    f"first are {', '.join(names[:5])}"
                )
        elif len(names) > MOST_INSTRUMENTS:
            raise SettingsError(
                f"{raw.name} holds {len(names):,} instruments ({', '.join(names[:3])} …): say "
                "which with --symbol"
            )
        else:
            chosen = names
        assert layout.instruments is not None
        column = raw.frame[layout.instruments].cast(pl.String)
        for name in chosen:
            mask = (column == name).fill_null(value=False)
            part = replace(
                raw,
                frame=raw.frame.filter(mask),
                numbers=raw.numbers.filter(mask),
                rows=int(mask.sum()),
                ragged=(),
                name=f"{raw.name} [{name}]",
            )
            yield Table(file, part.name, part, replace(layout, symbol=name))


def _instruments(raw: Raw, layout: Layout) -> list[str]:
    if layout.instruments is None:
        return []
    held = raw.frame[layout.instruments].cast(pl.String).str.strip_chars()
    return held.filter(held != "").unique(maintain_order=True).to_list()


def look(desk: Desk, table: Table, wanted: Wanted) -> Look:
    """Return what the table holds and how it is read; stored bars help, nothing is stored."""
    raw, layout = table.raw, table.layout
    rows = rows_of(raw, layout, raw.name, wanted.told.dates)
    named_symbol, named_timeframe = from_name(table.name.partition(" [")[0])
    instrument, symbol = _instrument(desk, table, wanted, named_symbol or _class_of(table, wanted))
    timeframe, step = _timeframe(rows, table, wanted, named_timeframe)
    stored = _stored(desk, instrument, timeframe, rows)
    fetched = _closed(
        bars_of(raw, layout, rows, instrument, timeframe, wanted.told, stored), desk.clock.now()
    )
    if not len(fetched.bars):
        raise DataError(f"{table.name} holds no bar that can be placed in time")
    if wanted.adjust_splits and instrument.asset_class is not AssetClass.EQUITY:
        raise SettingsError(
            f"Only shares split: {instrument.symbol} is of class {instrument.asset_class}; leave "
            "out --adjust-splits"
        )
    return Look(
        file=table.file,
        name=table.name,
        instrument=instrument,
        timeframe=timeframe,
        bars=len(fetched.bars),
        first=fetched.bars.first_time,
        last=fetched.bars.last_time,
        findings=(symbol, step, *fetched.findings),
        notes=fetched.notes,
        fetched=fetched,
    )


def _closed(fetched: Fetched, now: datetime) -> Fetched:
    """Return what was fetched without the bars that have not closed yet, with a note."""
    bars = fetched.bars.until(now)
    if len(bars) == len(fetched.bars):
        return fetched
    left = len(fetched.bars) - len(bars)
    said = (
        f"The last {left:,} bars were" if left > 1 else "The last bar was"
    ) + f" left out: at {now:%Y-%m-%d %H:%M} UTC they had not closed"
    return Fetched(bars, (Note("unfinished", said), *fetched.notes), fetched.findings)


def _class_of(table: Table, wanted: Wanted) -> str | None:
    """Return the symbol that a person gave a class and the name of the file holds as a word."""
    words = re.split(r"[^A-Z0-9]+", table.file.name.upper())
    return next((symbol for symbol in wanted.classes if symbol in words), None)


def meant(desk: Desk, symbol: str, wanted: Wanted) -> Instrument:
    """Return the instrument that `symbol` means, of the class that is said for it."""
    kind = wanted.classes.get(plain_symbol(symbol), wanted.asset_class)
    return resolve(desk, symbol, kind, wanted.venue_calendar)


def _instrument(
    desk: Desk, table: Table, wanted: Wanted, named: str | None
) -> tuple[Instrument, Finding]:
    """Return the instrument of a table, and by what it is known."""
    if wanted.symbol is not None:
        text, said = wanted.symbol, "you said so"
    elif table.layout.symbol is not None:
        text, said = table.layout.symbol, f"the file says {table.layout.symbol}"
    elif named is not None:
        text, said = named, "the name of the file says so"
    else:
        raise SettingsError(
            f"{table.name}: neither its rows nor its name say which instrument it is; say it with "
            "--symbol"
        )
    instrument = meant(desk, text, wanted)
    return instrument, Finding("symbol", instrument.symbol, said, "--symbol")


def _timeframe(
    rows: Rows, table: Table, wanted: Wanted, named: Timeframe | None
) -> tuple[Timeframe, Finding]:
    """Return the timeframe of the rows, and by what it is known: the step of their times."""
    if wanted.timeframe is not None:
        return wanted.timeframe, Finding("timeframe", wanted.timeframe, "you said so")
    measured, share = usual_step(rows.frame["time"])
    said = table.layout.timeframe or named
    if measured is None and said is None:
        raise SettingsError(
            f"{table.name}: the usual step of its times is that of no timeframe; say --timeframe "
            f"if it holds bars of {', '.join(Timeframe)}"
        )
    if measured is not None and said is not None and measured is not said:
        raise SettingsError(
            f"{table.name}: it is called {said} bars, but its usual step is {measured} "
            f"({share:.0%} of the steps): say which with --timeframe"
        )
    found = measured or said
    assert found is not None
    evidence = "the file says so" if measured is None else f"{share:.0%} of the steps are so long"
    return found, Finding("timeframe", found, evidence, "--timeframe")


def _stored(desk: Desk, instrument: Instrument, timeframe: Timeframe, rows: Rows) -> Bars | None:
    """Return stored bars of the instrument around the rows, of the nearest timeframe there is."""
    first, last = rows.frame["time"].min(), rows.frame["time"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    near = [
        info
        for info in desk.bars.series(problems=[])
        if info.symbol == instrument.symbol
        and not info.simulated
        and info.first <= last + AROUND
        and info.last >= first - AROUND
        and info.timeframe.is_intraday
    ]
    if not near:
        return None
    best = min(near, key=lambda info: abs(info.timeframe.minutes - timeframe.minutes))
    return desk.bars.read(instrument, best.timeframe, start=first - AROUND, end=last + AROUND)
