"""Speed of an import: a CSV of a million bars, from the file to the store; the floors beside.

    python bench/imports.py [--bars 1000000] [--folder DIR]

A file as an export writes it (`time,open,high,low,close,volume`, text times) goes through the whole
of `assay data import`: its layout and clock are found out, every bar is checked, and what is stored
survives a power cut. *In process* is the verb in a warm process, *command* the whole command in a
fresh one. The floor is polars parsing the same file into the same columns, and nothing else.
"""

import argparse
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from assay.app import open_desk
from assay.sources.told import Told
from assay.workflows.imported import Wanted
from assay.workflows.imports import import_files
from figures import Figure, keep, timed

GOAL = 2.0
"""Seconds for a million bars."""


def written(path: Path, rows: int) -> None:
    """Write so many bars of a currency pair as CSV."""
    chance = np.random.default_rng(1)
    start = datetime(2015, 1, 4, 22, 1, tzinfo=UTC)
    every = pl.datetime_range(start, start + timedelta(minutes=2 * rows), "1m", eager=True)
    weekday, minute = every.dt.weekday(), every.dt.hour().cast(pl.Int32) * 60 + every.dt.minute()
    open_now = (
        ((weekday < 5) | ((weekday == 5) & (minute <= 22 * 60)))
        | ((weekday == 7) & (minute > 22 * 60))
    )  # fmt: skip
    times = every.filter(open_now).head(rows)
    close = np.round(1.2 * np.exp(np.cumsum(chance.normal(0, 5e-5, rows))), 5)
    opened = np.concatenate([close[:1], close[:-1]])
    wick = np.round(np.abs(chance.normal(0, 5e-5, (2, rows))), 5)
    pl.DataFrame(
        {
            "time": times.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "open": opened,
            "high": np.round(np.maximum(opened, close) + wick[0], 5),
            "low": np.round(np.minimum(opened, close) - wick[1], 5),
            "close": close,
            "volume": np.round(chance.gamma(2.0, 50.0, rows)),
        }
    ).write_csv(path)


def main() -> int:
    """Measure; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bars", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        figures = measured(Path(place), asked.bars)
    return keep("imports", figures)


def measured(folder: Path, rows: int) -> list[Figure]:
    """Return the seconds of an import, of the command and of bare parsing."""
    file = folder / "EURUSD_1m.csv"
    written(file, rows)
    homes = iter(range(100))

    def verb() -> None:
        desk = open_desk(folder / f"home{next(homes)}")
        import_files(desk, [file], Wanted(told=Told.of(clock="UTC", stamp="close")))

    def command() -> None:
        home = folder / f"home{next(homes)}"
        words = ["data", "import", str(file), "--clock", "UTC", "--stamp", "close", "--yes"]
        run = [sys.executable, "-m", "assay", "--home", str(home), *words]
        subprocess.run(run, check=True, capture_output=True)

    def floor() -> None:
        pl.read_csv(file).with_columns(pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S"))

    bare = timed(floor, 5).clock
    scale = 1_000_000 / rows
    return [
        Figure(
            "CSV of 1 M bars, in process", scale * timed(verb, 3).clock, "s", GOAL, scale * bare
        ),
        Figure("CSV of 1 M bars, the whole command", scale * timed(command, 3).clock, "s"),
        Figure("size of the file", file.stat().st_size / 1e6, "MB"),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
