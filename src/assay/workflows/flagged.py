"""What the rules of bad bars say of a stored series, kept until its bars change; and the score."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.errors import StoreError
from assay.core.ids import canonical
from assay.core.values.bars import Bars
from assay.sources.quality.flaw import Code, Flaw, Severity
from assay.sources.quality.rules import find_flaws
from assay.store.files import write_atomic
from assay.workflows.desk import Desk
from assay.workflows.experiments.built import code_digest

FOLDER = "flaws"
FORMULA = "score = 100 x coverage x (1 - share of bars that are flagged as misleading)"


def score(coverage: float, flagged: int, rows: int) -> float:
    """Return how good a series is, 0 to 100: see `FORMULA`. `flagged` of its `rows` mislead.

    >>> score(0.9, 10, 100)
    81.0
    """
    return 100.0 * coverage * (1.0 - flagged / rows) if rows else 0.0


def score_words(coverage: float, flagged: int, rows: int) -> str:
    """Return the score with how it was reached.

    >>> score_words(0.9, 10, 100)
    '81.00 = 100 x 90.00% coverage x (1 - 10.00% flagged)'
    """
    share = flagged / rows if rows else 0.0
    found = score(coverage, flagged, rows)
    return f"{found:.2f} = 100 x {coverage:.2%} coverage x (1 - {share:.2%} flagged)"


def flagged_times(bars: Bars, flaws: Sequence[Flaw]) -> NDArray[np.int64]:
    """Return the closes (microseconds UTC) of bars in which a flaw misleads, each once."""
    marked = np.zeros(len(bars), dtype=np.bool_)
    for flaw in flaws:
        if flaw.severity is Severity.MISLEADING:
            marked[flaw.start : flaw.end + 1] = True
    return bars.frame["time"].dt.epoch("us").to_numpy()[marked]


def flaws_of(desk: Desk, bars: Bars) -> tuple[Flaw, ...]:
    """Return what the rules find in all `bars` of a stored series.

    It is kept beside the reports, by the hash of the bars and of the code that looked: the same
    bars are looked at once. Where the workspace cannot be written to they are looked at each time.
    """
    symbol, timeframe = bars.instrument.symbol, bars.timeframe
    file = desk.reports / FOLDER / f"{quote(symbol, safe='')}-{timeframe}.json"
    key = _key(bars)
    kept = _kept(file, key, bars)
    if kept is not None:
        return kept
    market = calendar(bars.instrument.calendar)
    found = find_flaws(bars.frame, bars.instrument, timeframe, market)
    rows = [[f.code, f.start, f.end, f.known, f.moved_by, f.sentence] for f in found]
    with suppress(StoreError):
        write_atomic(file, canonical({"of": key, "flaws": rows}), settle=False)
    return found


def new_flaws(bars: Bars, new: pl.Series) -> tuple[Flaw, ...]:
    """Return the flaws that are known with a bar that closed at one of `new`, or hold one.

    `bars` reach as far back before the first of them as the rules look (`doubt.looks_back`). A week
    in another zone is told of with the first bar of the next one.
    """
    market = calendar(bars.instrument.calendar)
    is_new = bars.frame["time"].is_in(new.implode()).to_numpy()
    before = np.concatenate([[0], np.cumsum(is_new)])

    def is_told(flaw: Flaw) -> bool:
        last = max(flaw.end, flaw.known) + bool(flaw.moved_by)
        return bool(before[last + 1] > before[flaw.start])

    flaws = find_flaws(bars.frame, bars.instrument, bars.timeframe, market, is_open=True)
    return tuple(flaw for flaw in flaws if is_told(flaw))


def _key(bars: Bars) -> str:
    """Return the SHA-256 of all that the rules can see."""
    made = hashlib.sha256(canonical([asdict(bars.instrument), bars.timeframe, code_digest()]))
    for column in bars.frame.rechunk():
        made.update(column.to_physical().to_numpy().data)
    return made.hexdigest()


def _kept(file: Path, key: str, bars: Bars) -> tuple[Flaw, ...] | None:
    """Return what was found of the same bars before, None where nothing was, or it is damaged."""
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
        if found["of"] != key:
            return None
        times = bars.frame["time"]
        return tuple(
            Flaw(Code(code), start, end, known, times[start], times[end], sentence, moved_by)
            for code, start, end, known, moved_by, sentence in found["flaws"]
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
