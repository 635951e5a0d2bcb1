"""Whatever goes wrong, a person reads one sentence, and nothing is lost or half-written."""

import gzip
import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from tests.cli.conftest import Run, Said
from tests.factories import make_bars
from tests.workflows.workspace import copied, open_at

MISTAKE, OURS = 2, 1


def one_sentence(said: Said, code: int) -> str:
    """Return what was said after checking its form: one line, no traceback, the right exit."""
    lines = said.err.strip().splitlines()
    assert len(lines) == 1, said.err
    assert lines[0].startswith("assay: "), said.err
    assert "Traceback" not in said.out + said.err
    assert said.code == code, said.err
    sentence = lines[0].removeprefix("assay: ")
    assert 10 < len(sentence) < 600
    return sentence


def a_document(said: Said, code: int) -> Mapping[str, str]:
    """Return the JSON that goes with the sentence."""
    sentence = one_sentence(said, code)
    found = json.loads(said.out)
    assert set(found) == {"error", "kind"}
    assert found["error"] == sentence
    assert isinstance(found, dict)
    return found


def contents(home: Path) -> dict[str, bytes]:
    """Return the files that matter; SQLite's own working files come and go."""
    kept = (p for p in home.rglob("*") if p.is_file() and not p.name.startswith("assay.db"))
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in kept}


# --- files -----------------------------------------------------------------------------------


def csv_of(bars: Bars) -> str:
    return bars.frame.with_columns(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv()


def rows_of(bars: Bars, change: Callable[[list[str]], list[str]]) -> str:
    head, *rows = csv_of(bars).splitlines()
    return "\n".join([head, *change(rows)]) + "\n"


def swapped(rows: list[str]) -> list[str]:
    return [*rows[:10], *rows[20:30], *rows[10:20], *rows[30:]]


def priced(text: str) -> Callable[[list[str]], list[str]]:
    """Return a change that makes the close of the fifth row read `text`."""

    def change(rows: list[str]) -> list[str]:
        cells = rows[4].split(",")
        cells[4] = text
        return [*rows[:4], ",".join(cells), *rows[5:]]

    return change


BROKEN: dict[str, Callable[[Bars, Path], Path]] = {}
Maker = Callable[[Bars, Path], Path]


def broken(name: str) -> Callable[[Maker], Maker]:
    def keep(make: Maker) -> Maker:
        BROKEN[name] = make
        return make

    return keep


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _parquet(bars: Bars, folder: Path) -> bytes:
    bars.frame.write_parquet(folder / "whole.parquet")
    return (folder / "whole.parquet").read_bytes()


BROKEN["missing"] = lambda bars, folder: folder / "nowhere.csv"
BROKEN["a folder"] = lambda bars, folder: folder
BROKEN["empty csv"] = lambda bars, folder: _file(folder, "f.csv", b"")
BROKEN["empty parquet"] = lambda bars, folder: _file(folder, "f.parquet", b"")
BROKEN["empty gzip"] = lambda bars, folder: _file(folder, "f.csv.gz", b"")
BROKEN["header only"] = lambda bars, folder: _file(
    folder, "f.csv", csv_of(bars).splitlines()[0].encode()
)
BROKEN["parquet without rows"] = lambda bars, folder: _file(
    folder, "f.parquet", _parquet(Bars(bars.instrument, bars.timeframe, bars.frame[:0]), folder)
)
BROKEN["another kind"] = lambda bars, folder: _file(folder, "f.xlsx", b"PK\x03\x04")
BROKEN["noise as csv"] = lambda bars, folder: _file(folder, "f.csv", bytes(range(256)) * 40)
BROKEN["noise as parquet"] = lambda bars, folder: _file(folder, "f.parquet", b"PAR1" + b"\0" * 99)
BROKEN["half a parquet"] = lambda bars, folder: _file(
    folder, "f.parquet", _parquet(bars, folder)[:-2000]
)
BROKEN["half a gzip"] = lambda bars, folder: _file(
    folder, "f.csv.gz", gzip.compress(csv_of(bars).encode())[:-200]
)
BROKEN["no price columns"] = lambda bars, folder: _file(folder, "f.csv", b"a,b\n1,2\n3,4\n")
BROKEN["unsorted"] = lambda bars, folder: _file(
    folder, "f.csv", rows_of(bars, swapped).encode()
)
BROKEN["duplicated"] = lambda bars, folder: _file(
    folder, "f.csv", rows_of(bars, lambda rows: [*rows[:9], priced("1.5")(rows)[4], *rows]).encode()
)
