"""Whether the past stays as it is when the future arrives: features of truncated histories."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.errors import HistoryError
from assay.core.ids import digest
from assay.features.sets import Which
from assay.store.runs import Runs
from assay.workflows.desk import Desk
from assay.workflows.experiments import built
from assay.workflows.experiments.planning import Checked
from assay.workflows.experiments.sharing import shared
from assay.workflows.gather import Prepared, moment_of, prepare

EARLIEST, LATEST = 0.4, 0.95
"""Between these shares of its bars a history is cut off."""


def prefix_holds(desk: Desk, checked: Checked, trial_id: str) -> bool:
    """Return whether every feature of a history cut off somewhere equals that of the whole one.

    Bar for bar, to the bit, volatility and range too, for every series; once for the same data and
    code, whose answer is kept.
    """
    which = checked.experiment.features.set
    key = digest(["prefix", checked.fingerprint, built.code_digest()])
    kept = Runs(desk.database)
    rows = kept.folds(key)
    if not rows:
        told = _compared(desk, checked.paths, which, checked.fingerprint)
        kept.keep_fold(
            key, 0, 0, trial_id=trial_id, at=desk.clock.now(), seconds=0.0, peak_mb=None,
            metrics=told, arrays={},
        )  # fmt: skip
        return not told["changed"]
    return not rows[0].metrics["changed"]


def _compared(desk: Desk, paths: Sequence[Path], which: Which, mark: str) -> dict[str, Any]:
    """Return where each series was cut off, and the columns that changed by it."""
    chance = np.random.default_rng(int(mark[:8], 16))
    places = [chance.uniform(EARLIEST, LATEST) for _ in paths]
    with ThreadPoolExecutor(max_workers=desk.jobs) as pool:
        waiting = [
            pool.submit(_one, desk, path, place, which)
            for path, place in zip(paths, places, strict=True)
        ]
        found = [each.result() for each in waiting]
    return {
        "cut_off": {name: row for name, row, _ in found},
        "changed": {name: changed for name, _, changed in found if changed},
    }


def _one(desk: Desk, path: Path, place: float, which: Which) -> tuple[str, int, list[str]]:
    whole = shared(path)
    row = int(place * (len(whole.time) - 1))
    try:
        cut = prepare(
            desk,
            whole.series,
            until=moment_of(int(whole.time[row])),
            peers=whole.peers,
            which=which,
        )
    except HistoryError:  # too short to be cut: nothing was known that could have changed
        return str(whole.series), 0, []
    return str(whole.series), row, changed_columns(whole, cut)


def changed_columns(whole: Prepared, cut: Prepared) -> list[str]:
    """Return the columns of `cut` that differ from the beginning of `whole`."""
    rows = len(cut.time)
    if not np.array_equal(whole.time[:rows], cut.time):
        return ["time"]
    changed = [
        name
        for place, name in enumerate(whole.columns)
        if not np.array_equal(whole.x[:rows, place], cut.x[:, place], equal_nan=True)
    ]
    for name in ("volatility", "atr"):
        if not np.array_equal(getattr(whole, name)[:rows], getattr(cut, name), equal_nan=True):
            changed.append(name)
    return changed
