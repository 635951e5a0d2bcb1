"""A world whose truth is known: which columns foretell, and which are noise."""

import numpy as np

from assay.models.contract import Asked, Samples
from assay.models.fitting import SPANS

COLUMNS = 12
PLANTED = (0, 5)
"""The columns that foretell; `COLUMN_NAMES[0]` is one that every member of the house can read."""
NAMES = ("log_return_12_by_50", *(f"column_{n}" for n in range(1, COLUMNS)))
ROWS = {"train": 6000, "stop": 1500, "calibrate": 1500}
MEMORY = 0.7
BAND = 0.5
STEP = 3_600_000_000


def planted_world(seed: int, *, edge: float = 0.35, rows: int = 400) -> dict[str, Samples]:
    """Return the three spans of a fit and a `test` span of `rows`, of one world.

    Columns are AR(1) noise of unit variance. What comes is `edge` times each of the `PLANTED`
    columns plus unit noise, scaled to unit variance; nothing overlaps.
    """
    chance = np.random.default_rng(seed)
    return _spans(chance, edge, {**ROWS, "test": rows})


def _spans(chance: np.random.Generator, edge: float, sizes: dict[str, int]) -> dict[str, Samples]:
    made, start = {}, 0
    for span in (*SPANS, "test"):
        rows = sizes[span]
        x = np.zeros((rows, COLUMNS))
        x[0] = chance.normal(size=COLUMNS)
        for t in range(1, rows):
            x[t] = MEMORY * x[t - 1] + np.sqrt(1 - MEMORY**2) * chance.normal(size=COLUMNS)
        signal = edge * x[:, list(PLANTED)].sum(axis=1)
        came = (signal + chance.normal(size=rows)) / np.sqrt(1 + len(PLANTED) * edge**2)
        label = 1 + (came > BAND).astype(np.int8) - (came < -BAND).astype(np.int8)
        time = (start + np.arange(rows)) * STEP
        series = np.zeros(rows, dtype=np.int32)
        at = np.arange(rows)
        past = Asked(x, at, np.zeros(rows, dtype=np.int64), series, (("PLANTED", "1h"),))
        made[span] = Samples(
            NAMES,
            ("PLANTED",),
            time,
            time + STEP,
            series,
            x,
            came,
            label,
            np.ones(rows),
            past,
        )
        start += rows + 2
    return made
