"""Were the probabilities of a backtest right: of the pool and of each member."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.values.timeframe import Timeframe
from assay.evaluation.reliability import reliability
from assay.models.contract import FLAT, UP, Floats
from assay.workflows.replay import Replayed

Integers = NDArray[np.int64]
CELLS = 24
"""Bars of the histogram of what was said."""
TAIL = 0.005
"""At each end of the histogram this share of forecasts is counted in its last bar."""
Said = tuple[Floats, NDArray[np.bool_], Integers]


def sureness(replays: Sequence[Replayed], *, seed: int = 0) -> dict[str, Any]:
    """Return the pool's bins, its Brier score taken apart, and the same of every member.

    Over the bars of the test spans that moved, the probability of up given a move against how
    often up came. Lists are empty and `brier` is None where there are too few.
    """
    found = _one(_joined(_pool(replay) for replay in replays), seed)
    members = [
        {"name": name, **_one(_joined(parts), seed)} for name, parts in _members(replays).items()
    ]
    return {**found, "members": [one for one in members if one["brier"]]}


def _one(said: Said, seed: int) -> dict[str, Any]:
    found = reliability(*said, seed=seed)
    if found is None:
        names = ("said", "happened", "low", "high", "n", "left", "right")
        return {**{name: [] for name in names}, "histogram": None, "brier": None}
    bins, brier = found
    low, high = np.quantile(said[0], (TAIL, 1 - TAIL))
    reach = (low, high) if low < high else None
    counts, edges = np.histogram(np.clip(said[0], low, high), CELLS, range=reach)
    histogram = {"edges": edges.tolist(), "counts": counts.tolist()}
    return {**bins.to_json(), "histogram": histogram, "brier": brier.to_json()}


def told(brier: dict[str, Any]) -> str:
    """Return a sentence on a Brier score, the plain data of `Brier`."""
    score, usual = brier["score"], brier["uncertainty"]
    beside = f"the {usual:.4f} of always saying how often up came"
    reading = f"its interval holds {beside}"
    if score["high"] < usual:
        reading = f"less than {beside}"
    if score["low"] > usual:
        reading = f"more, which is worse, than {beside}"
    return (
        f"Over {brier['n']:,} forecasts of bars that moved, said and happened lie "
        f"{brier['error'] * 100:.1f} points apart on average ({brier['by_chance'] * 100:.1f} would "
        f"be by chance alone). The Brier score is {score['value']:.4f} [{score['low']:.4f}, "
        f"{score['high']:.4f}]: {reading}."
    )


def _pool(replay: Replayed) -> Said:
    known = (replay.label != FLAT) & (replay.label >= 0) & (replay.pooled.shift != 0)
    return replay.pooled.probability[known], replay.label[known] == UP, replay.day[known]


def _members(replays: Sequence[Replayed]) -> dict[str, list[Said]]:
    """Return what each member said, the shortest timeframe first, then by name."""
    found: dict[tuple[int, str], list[Said]] = {}
    for replay in replays:
        moved = (replay.label != FLAT) & (replay.label >= 0)
        for column, producer in enumerate(replay.producers):
            said = replay.p_up[:, column].astype(np.float64)
            known = moved & np.isfinite(said)
            key = (producer.timeframe.minutes, producer.member)
            part = said[known], replay.label[known] == UP, replay.day[known]
            found.setdefault(key, []).append(part)
    frames = {frame.minutes: frame for frame in Timeframe}
    return {f"{name} {frames[minutes]}": found[minutes, name] for minutes, name in sorted(found)}


def _joined(parts: Iterator[Said] | Sequence[Said]) -> Said:
    said, up, day = zip(*parts, strict=True)
    return np.concatenate(said), np.concatenate(up), np.concatenate(day)
