"""What the checks find in real files. `python bench/real_quality.py DATA [--docs FILE] [--again]`.

DATA is a folder with `fx/`, `crypto/`, `equity/`, `stocks/` and `quirks/` of public files, not ours
to ship. Each price file is imported into a fresh workspace, as a person would, and looked at by
`assay data check` and `assay data coverage`. Then every oddity that is known of a file by other
means (`real_quirks.py`) is looked up in what was found. What was found is kept in
`real_quality.json`, and is not looked for again unless `--again`; `--docs FILE` writes the page.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from assay.app import SystemClock
from assay.core.calendars.calendar import calendar
from assay.core.errors import AssayError
from assay.core.ids import plain
from assay.core.resample import resample
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.overlap import compared
from assay.workflows.beside import compare_stored
from assay.workflows.check import check_series
from assay.workflows.desk import Desk
from assay.workflows.imported import Wanted
from assay.workflows.imports import import_files
from assay.workflows.quality import quality_of
from real_quality_page import page
from real_quirks import QUIRKS, Outcome

LOG = Path(__file__).with_name("real_quality.json")
CLASSES = {
    **dict.fromkeys(("AAPL", "TSLA"), AssetClass.EQUITY),
    **dict.fromkeys(("US500", "DJIA"), AssetClass.INDEX),
}
TOGETHER = {
    "quirks/BTCUSDT-1m-2018-02-08.csv.gz + …-09": (
        "quirks/BTCUSDT-1m-2018-02-08.csv.gz",
        "quirks/BTCUSDT-1m-2018-02-09.csv.gz",
    )
}
"""Files that say something only together."""
PAIRS = (
    ("crypto/BTCUSDT_1h_2017-2022.parquet", "crypto/BTCUSDT_PERP_1h_2020-2022.parquet"),
    ("fx/EURUSD_4h_2007-2022.parquet", "fx/EURUSD_1h_2020-2022.parquet"),
    ("fx/GBPUSD_4h_2007-2022.parquet", "fx/GBPUSD_1h_2012-2022.parquet"),
    ("fx/USDJPY_4h_2007-2022.parquet", "fx/USDJPY_1h_2012-2022.parquet"),
    ("fx/XAUUSD_4h_2007-2022.parquet", "fx/XAUUSD_1h_2012-2022.parquet"),
)
"""The same market told twice; the shorter bars are made into the longer ones first."""
BESIDE = {"equity/AAPL_15m_2017-2022.parquet": ("stocks/stocknet_prices.parquet", "AAPL")}
"""Files that are held against the days of a share in another, both imported into one workspace."""


@dataclass(frozen=True, slots=True)
class Now:
    """A clock after every bar."""

    at: datetime = datetime(2025, 6, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time."""
        return self.at


def priced(data: Path) -> dict[str, list[Path]]:
    """Return the price files by the name they have in the page."""
    found = [
        file
        for folder in ("fx", "crypto", "equity", "stocks", "quirks")
        for file in sorted((data / folder).rglob("*"))
        if file.is_file() and "tweets" not in file.name and "symbols" not in file.name
    ]
    named = {file.relative_to(data).as_posix(): [file] for file in found}
    together = {name: [data / one for one in parts] for name, parts in TOGETHER.items()}
    return {
        **named,
        **{n: files for n, files in together.items() if all(f.exists() for f in files)},
    }


def by_ticker(file: Path, folder: Path) -> list[Path]:
    """Write a table of many tickers as a file for each, and return them."""
    folder.mkdir(parents=True)
    made = []
    for (ticker,), rows in pl.read_parquet(file).partition_by("ticker", as_dict=True).items():
        place = folder / f"{ticker}_1d.csv"
        day = pl.col("date").dt.date().alias("Date")
        rows.select(day, "open", "high", "low", "close", "volume").write_csv(place)
        made.append(place)
    return made


def looked_at(data: Path, name: str, files: list[Path]) -> list[Outcome]:
    """Import files into a fresh workspace and return what is found of each series, or why not."""
    with tempfile.TemporaryDirectory() as home:
        desk = Desk(Path(home), Now(), jobs=2)
        shares = "stocknet" in name
        if shares:
            files = by_ticker(files[0], Path(home) / "split")
        wanted = Wanted(classes=CLASSES, asset_class=AssetClass.EQUITY if shares else None)
        run = import_files(desk, files, wanted)
        refused = [
            Outcome(file=name, refused=str(one.error).replace(f"{data}/", ""))
            for one in run.refused
        ]
        notes: dict[tuple[str, Timeframe], dict[str, str]] = {}
        for one in run.imported:
            told = notes.setdefault((one.symbol, one.timeframe), {})
            told |= {f.what: str(f.value) for f in one.findings}
            told |= {n.code: n.sentence for n in one.notes}
        done = [_found(desk, name, *key, told) for key, told in sorted(notes.items())]
        if name in BESIDE:
            against = _beside(desk, data, *BESIDE[name])
            done = [replace(one, beside=against.get(one.symbol, ())) for one in done]
        desk.close()
    return [*done, *refused]


def _beside(desk: Desk, data: Path, file: str, symbol: str) -> dict[str, tuple[str, ...]]:
    """Import the days of a share and return what `assay data reconcile SYMBOL --stored` says."""
    folder = desk.home / "beside"
    by_ticker(data / file, folder)
    import_files(desk, [folder / f"{symbol}_1d.csv"], Wanted(classes=CLASSES))
    found = compare_stored(desk, [symbol])
    return {
        one.symbol: tuple(f"`{told.kind}`: {told.sentence}" for told in one.overlap.differences)
        for one in found.compared
    }


def _found(
    desk: Desk, name: str, symbol: str, timeframe: Timeframe, notes: dict[str, str]
) -> Outcome:
    try:
        quality = quality_of(desk, desk.bars.info(symbol, timeframe))
        check = check_series(desk, symbol, timeframe)
    except AssayError as error:
        return Outcome(file=name, symbol=symbol, timeframe=timeframe, refused=str(error))
    return Outcome(
        file=name,
        symbol=symbol,
        timeframe=timeframe,
        notes=notes,
        quality=quality,
        check=check,
        bars=desk.bars.read(desk.instrument(symbol), timeframe),
    )


def row_of(one: Outcome) -> dict[str, Any]:
    """Return what the page needs of an outcome, as plain data."""
    if one.quality is None or one.check is None:
        return {"file": one.file, "refused": one.refused}
    quality, check = one.quality, one.check
    return {
        "file": one.file,
        "symbol": one.symbol,
        "timeframe": one.timeframe,
        "bars": quality.info.rows,
        "first": f"{quality.info.first:%Y-%m-%d}",
        "last": f"{quality.info.last:%Y-%m-%d}",
        "coverage": quality.coverage,
        "flagged": quality.flagged,
        "score": quality.score,
        "gaps": len(quality.gaps),
        "longest": quality.gaps[0].bars if quality.gaps else 0,
        "outside": check.outside,
        "zero_volume": check.zero_volume,
        "flat": check.flat,
        "codes": {code: bars for code, (_, _, bars) in quality.codes.items()},
        "notes": sorted(one.notes),
    }


def pair_row(outcomes: dict[str, list[Outcome]], ours: str, theirs: str) -> dict[str, Any]:
    """Return what a comparison of two files of one market says."""
    here, there = outcomes[ours][0].bars, outcomes[theirs][0].bars
    assert here is not None
    assert there is not None
    if there.timeframe is not here.timeframe:
        there = resample(there, here.timeframe, calendar(there.instrument.calendar))
    found = compared(here.frame, there.frame, here.timeframe, "the first", "the second")
    return {
        "ours": ours,
        "theirs": theirs,
        "timeframe": here.timeframe,
        "both": found.both,
        "median_bps": found.median_bps,
        "far_share": found.far_share,
        "shift_bars": found.shift_bars,
        "scale": found.scale,
        "differences": [one.sentence for one in found.differences],
    }


def answered(data: Path) -> dict[str, Any]:
    """Look at every file, then look up every known oddity."""
    outcomes: dict[str, list[Outcome]] = {}
    for name, files in priced(data).items():
        began = SystemClock().now()
        outcomes[name] = looked_at(data, name, files)
        print(f"{name}: {(SystemClock().now() - began).total_seconds():.1f} s", flush=True)
    quirks = []
    for quirk in QUIRKS:
        found = quirk.look(outcomes[quirk.file]) if quirk.file in outcomes else None
        quirks.append({"file": quirk.file, "what": quirk.what, "found": found})
        quirks[-1] |= {"else": quirk.rule, "happened": quirk.happened}
        print(f"{quirk.file}: {quirk.what}: {found}", flush=True)
    return {
        "files": [row_of(one) for found in outcomes.values() for one in found],
        "pairs": [pair_row(outcomes, *pair) for pair in PAIRS],
        "quirks": quirks,
        "ran_on": f"{SystemClock().now():%Y-%m-%d}",
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("data", type=Path)
    asked.add_argument("--log", type=Path, default=LOG)
    asked.add_argument("--docs", type=Path)
    asked.add_argument("--again", action="store_true")
    given = asked.parse_args()
    if given.again or not given.log.exists():
        found = plain(answered(given.data))
        given.log.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    if given.docs:
        given.docs.write_text(page(json.loads(given.log.read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
