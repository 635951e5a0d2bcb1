"""Where the columns that an ablation takes away say anything: a bar without news tells nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.splits import Part, Span
from assay.features.contract import Input
from assay.workflows.desk import Desk
from assay.workflows.experiments.fitted import read_by
from assay.workflows.experiments.planning import Checked
from assay.workflows.experiments.sharing import opened
from assay.workflows.gather import Prepared, moment_of
from assay.workflows.learn import LEARNING

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Informed:
    """How many rows were learned from and tested, and on how many of them the columns say a thing.

    `by` says what counts: a story first seen in the row's bar, or a column that is there and not
    at the value it has most often.
    """

    columns: tuple[str, ...]
    by: str
    learned: int
    learned_informed: int
    tested: int
    tested_informed: int

    @property
    def is_nothing(self) -> bool:
        """Say whether there is nothing to ablate: nothing to learn from, or nothing to test on."""
        return not (self.learned_informed and self.tested_informed)


STORIES = "a story first seen in the bar"
MOVED = "a value that is not the usual one"


def informed(desk: Desk, whole: Checked, without: Checked) -> Informed:
    """Return where the columns that `whole` reads and `without` does not say anything."""
    series = [str(path) for path in whole.paths]
    learned, tested, known, tried = 0, 0, 0, 0
    columns: set[str] = set()
    by = MOVED
    for item in opened(series).values():
        own, other = read_by(whole.experiment, item), read_by(without.experiment, item)
        gone = [name for name in own.columns if name not in set(other.columns)]
        columns |= set(gone)
        says = _fresh(desk, own) if _of_stories(own, gone) else None
        by = MOVED if says is None else STORIES
        mask = _moved(own, gone) if says is None else says
        learning = _rows(item, (s for c in whole.cuts for p in LEARNING for s in c.parts[p]))
        testing = _rows(item, (s for c in whole.cuts for s in c.parts[Part.TEST]))
        learned += len(learning)
        tested += len(testing)
        known += int(mask[learning].sum())
        tried += int(mask[testing].sum())
    return Informed(tuple(sorted(columns)), by, learned, known, tested, tried)


def _rows(item: Prepared, spans: Iterable[Span]) -> NDArray[np.int64]:
    """Return the rows of spans that may overlap, each once."""
    each = [item.rows(span) for span in spans]
    return np.unique(np.concatenate(each)) if each else np.zeros(0, dtype=np.int64)


def _of_stories(item: Prepared, columns: Sequence[str]) -> bool:
    """Say whether all columns are made of stories, if with bars beside them."""
    made = [f for f in item.pipeline.features if set(f.names) & set(columns)]
    return bool(made) and all(Input.STORIES in f.inputs for f in made)


def _fresh(desk: Desk, item: Prepared) -> Mask:
    """Return in which bars a story about the instrument was first seen, repeats not counted."""
    found = np.zeros(len(item.time), dtype=np.bool_)
    simulated = desk.is_simulated(item.series.symbol, item.series.timeframe)
    until = moment_of(int(item.time[-1]))
    stories = desk.scored_stories(item.instrument, simulated=simulated, until=until)
    if stories is not None:
        row = np.searchsorted(item.time, stories["seen_at"].dt.epoch("us").to_numpy())
        # what was seen before the history began is no news of its first bar
        found[row[(row > 0) & (row < len(found))]] = True
    return found


def _moved(item: Prepared, columns: Sequence[str]) -> Mask:
    found = np.zeros(len(item.time), dtype=np.bool_)
    for column in columns:
        values = item.x[:, item.columns.index(column)]
        there = np.isfinite(values)
        each, count = np.unique(values[there], return_counts=True)
        if len(each) > 1:
            found |= there & (values != each[np.argmax(count)])
    return found
