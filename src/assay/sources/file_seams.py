"""Where the numbers of a file begin to be written otherwise: the source changed, or two joined.

Two publishers may tell the same prices to the last digit, and a table of prices shows no joint. How
many decimals each writes, and which columns it fills, does show it.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.sources.contract import Note
from assay.sources.formats.columns import counted_part
from assay.sources.layouts import Layout
from assay.sources.quality.columns import Floats, runs
from assay.sources.reading.raw import Raw

MOST_DECIMALS = 8
"""What is written finer is computed: no market quotes so."""
ALIKE, FINE = 200, 0.5
"""So many values in a row without the finer decimals, beside as many of which half have them: by
chance that is one in 2 to the 200."""
EMPTY = 1000
"""Rows for which a column is not filled: more than an indicator takes to begin."""
ROUNDING = 1e-13
"""Of a value: what sums of some hundred floats are off by."""
MOST_COLUMNS = 20
"""A table of more other columns holds features, not what a market says."""
TOLD = 10

Counts = npt.NDArray[np.int8]
Seam = tuple[int, str]


def seam_notes(raw: Raw, layout: Layout, frame: pl.DataFrame) -> tuple[Note, ...]:
    """Return a note for each time from which a column is written otherwise, `seam`.

    Looked at are the closes, for the other prices are written alike, the volume, and columns that
    mean nothing to us. `frame` are the rows that became bars in order of time: `number`, `time`.
    """
    found: dict[int, list[str]] = {}
    rows = raw.numbers.search_sorted(frame["number"])
    for name in _columns(raw, layout):
        column = raw.frame[name].gather(rows)
        if column.dtype == pl.String:
            column = column.str.strip_chars()
        values = column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        for place, said in (*_written(values), *_filled(values)):
            found.setdefault(place, []).append(f"the column {name!r} {said}")
    notes = [_note(frame, place, found[place]) for place in sorted(found)[:TOLD]]
    if len(found) > TOLD:
        notes.append(Note("seams", f"And {len(found) - TOLD:,} more such times"))
    return tuple(notes)


def _columns(raw: Raw, layout: Layout) -> list[str]:
    """Return the columns whose writing tells something."""
    own = [layout.columns[role] for role in ("close", "volume") if role in layout.columns]
    known = {*layout.time, *layout.columns.values(), layout.instruments}
    others = [
        name
        for name, kind in raw.frame.schema.items()
        if name not in known
        and (kind.is_numeric() or kind == pl.String)
        and counted_part(name) is None
    ]
    return own + (others if len(others) <= MOST_COLUMNS else [])


def _note(frame: pl.DataFrame, place: int, said: list[str]) -> Note:
    sentence = (
        f"From the bar that closes {frame['time'][place]:%Y-%m-%d %H:%M} UTC on "
        f"{' and '.join(said)}: the source changed there, or two were joined"
    )
    return Note("seam", sentence, int(frame["number"][place]))


def _written(values: Floats) -> Iterator[Seam]:
    """Yield the places from which values have fewer decimals, or more.

    A value that stands counts once: a price that does not move says nothing of how it is written.
    """
    rows = np.flatnonzero(np.isfinite(values) & (values != 0))
    if len(rows) < 2 * ALIKE:
        return
    rows = rows[np.concatenate([[True], np.diff(values[rows]) != 0])]
    decimals = _decimals(np.abs(values[rows]))
    told: list[int] = []
    for most in range(int(decimals.max())):
        fine = decimals > most
        for first, last in runs(~fine, ALIKE):
            for place, beside in ((first, slice(first - ALIKE, first)),
                                  (last + 1, slice(last + 1, last + 1 + ALIKE))):  # fmt: skip
                if beside.start < 0 or beside.stop > len(rows) or fine[beside].mean() < FINE:
                    continue
                if any(abs(place - other) < ALIKE for other in told):
                    continue
                told.append(place)
                usual = _words(int(np.bincount(decimals[beside]).argmax()))
                at_most = f"at most {_words(most)}"
                said = (at_most, usual) if place == first else (usual, at_most)
                yield int(rows[place]), f"has {said[0]}, before {said[1]}"


def _words(decimals: int) -> str:
    if decimals > MOST_DECIMALS:
        return f"more than {MOST_DECIMALS} decimals"
    return f"{decimals or 'no'} decimal{'s' * (decimals != 1)}"


def _decimals(values: Floats) -> Counts:
    """Return how many decimals it takes to write each value, `MOST_DECIMALS` + 1 for more."""
    found = np.full(len(values), MOST_DECIMALS + 1, dtype=np.int8)
    left = np.arange(len(values))
    for decimals in range(MOST_DECIMALS + 1):
        scaled = values[left] * 10.0**decimals
        whole = np.abs(scaled - np.rint(scaled)) <= ROUNDING * scaled + 1e-9
        found[left[whole]] = decimals
        left = left[~whole]
    return found


def _filled(values: Floats) -> Iterator[Seam]:
    """Yield the place from which on a column is filled, or is not any more; zero is not."""
    empty = ~np.isfinite(values) | (values == 0)
    for first, last in runs(empty, EMPTY):
        after, before = empty[last + 1 : last + 1 + ALIKE], empty[max(first - ALIKE, 0) : first]
        if first == 0 and len(after) == ALIKE and after.mean() <= 1 - FINE:
            yield last + 1, "is filled, before it was empty or zero"
        elif last == len(values) - 1 and len(before) == ALIKE and before.mean() <= 1 - FINE:
            yield first, "is empty or zero, before it was filled"
