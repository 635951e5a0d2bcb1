"""Bars that were made of shorter ones and hold only part of them, where the file counts them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import micros
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.formats.columns import counted_part
from assay.sources.quality.columns import Floats, Mask
from assay.sources.quality.courses import open_before
from assay.sources.reading.raw import Raw


def part_notes(
    raw: Raw, frame: pl.DataFrame, timeframe: Timeframe, market: Calendar
) -> tuple[Note, ...]:
    """Return what the columns say that count the shorter bars in each bar: `n_1m` and its like.

    `frame` are the rows that became bars: `number` and `time`, their close. `partial_bars` hold
    fewer than the market was open for: a high or a low may lack, and a volume does. Where the
    calendar says closed nothing is expected. `overfull_bars` hold more than there is room for.
    """
    notes: list[Note] = []
    rows = raw.numbers.search_sorted(frame["number"])
    for name in raw.frame.columns:
        part = counted_part(name)
        if part is None or not frame.height:
            continue
        column = raw.frame[name].gather(rows)
        if column.dtype == pl.String:
            column = column.str.strip_chars()
        counts = column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        known = np.isfinite(counts)
        fits = part.minutes < timeframe.minutes and timeframe.minutes % part.minutes == 0
        if not fits or not known.any() or not _are_counts(counts[known]):
            said = f"Columns not used: {name!r}, which is no count of {part} bars in {timeframe}"
            notes.append(Note("ignored_columns", said))
            continue
        most = timeframe.minutes // part.minutes
        room = np.minimum(_open_minutes(frame, timeframe, market) // part.minutes, most)
        held = _Held(frame, counts, f"{part} bars ({name!r})")
        notes += held.partial(room) + held.overfull(most)
    return tuple(notes)


def _are_counts(values: Floats) -> bool:
    return bool((values >= 0).all() and (values == np.rint(values)).all())


def _open_minutes(frame: pl.DataFrame, timeframe: Timeframe, market: Calendar) -> Floats:
    """Return for how many minutes the market was open in each bar."""
    ends = micros(frame["time"])
    spans = np.stack([ends - timeframe.minutes * MINUTE, ends], axis=1)
    return np.asarray(np.rint(np.diff(open_before(market, spans), axis=1)[:, 0] / MINUTE))


@dataclass(frozen=True, slots=True)
class _Held:
    """How many shorter bars, called `parts`, each bar of the frame holds."""

    frame: pl.DataFrame
    counts: Floats
    parts: str

    def partial(self, room: Floats) -> list[Note]:
        """Return a note on the bars that hold fewer than there is `room` for."""
        few = self.counts < room
        if not few.any():
            return []
        first = int(np.argmax(few))
        worst = int(np.argmax(np.where(few, room - self.counts, 0)))
        emptiest = "" if worst == first else f"; the emptiest {self._of(worst, room)}"
        said = f"hold only part of their {self.parts}, the first {self._of(first, room)}{emptiest}"
        return [self._note("partial_bars", few, said)]

    def overfull(self, most: int) -> list[Note]:
        """Return a note on the bars that hold more than the `most` that any can."""
        many = self.counts > most
        if not many.any():
            return []
        first = int(np.argmax(many))
        said = (
            f"hold more {self.parts} than the {most} there is room for, the first "
            f"{int(self.counts[first])} at {self._closes(first)}: rows were counted twice, or the "
            "column counts something else"
        )
        return [self._note("overfull_bars", many, said)]

    def _of(self, row: int, room: Floats) -> str:
        return f"{int(self.counts[row])} of {int(room[row])} at {self._closes(row)}"

    def _closes(self, row: int) -> str:
        return f"{self.frame['time'][row]:%Y-%m-%d %H:%M} UTC"

    def _note(self, code: str, mask: Mask, said: str) -> Note:
        sentence = f"{int(mask.sum()):,} of {len(mask):,} bars {said}"
        return Note(code, sentence, int(self.frame["number"][int(np.argmax(mask))]))
