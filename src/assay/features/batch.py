"""All features over many rows: piece by piece, so that what a piece needs stays in the cache."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assay.features.contract import Feature, Frames
from assay.features.parts import Part
from assay.features.stateful import Stateful
from assay.features.windowed import Windowed
from assay.features.windows import Vector, compile_windows

PIECE = 65_536
"""Rows that are worked on at a time: a column of them is 512 KiB."""
MANY = 200_000
"""From so many rows on it pays to compile the windows and to use all cores."""
Number = TypeVar("Number", np.float32, np.float64)


def computed(
    features: Sequence[Feature], frames: Frames, kind: type[Number], threads: int | None = None
) -> NDArray[Number]:
    """Return (rows, columns) of all features, NaN where null; each column lies in one piece.

    The values are those of each feature's `columns`, to the bit. `threads`: one for fewer rows
    than `MANY`, else all cores, if left out.
    """
    many = frames.rows >= MANY
    if many:
        compile_windows()
    width = sum(len(feature.names) for feature in features)
    out = np.empty((frames.rows, width), dtype=kind, order="F")
    workers = threads or ((os.cpu_count() or 1) if many else 1)
    tasks = list(_tasks(features, frames, out, workers))
    if workers == 1:
        for task in tasks:
            task()
    else:
        with ThreadPoolExecutor(workers) as pool:
            for done in [pool.submit(task) for task in tasks]:
                done.result()
    return out


def _tasks(
    features: Sequence[Feature], frames: Frames, out: NDArray[Number], workers: int
) -> Iterator[Callable[[], None]]:
    """Yield what has to be done, the longest first; each task fills places of its own."""
    windowed: list[tuple[int, Windowed]] = []
    stateful: list[tuple[int, Stateful]] = []
    place = 0
    for feature in features:
        if isinstance(feature, Windowed):
            windowed.append((place, feature))
        elif isinstance(feature, Stateful):
            stateful.append((place, feature))
        else:
            yield _whole(feature, frames, out, place)
        place += len(feature.names)
    for worker in range(workers):
        if stateful[worker::workers]:
            yield _remembering(stateful[worker::workers], frames, out)
    if windowed:
        for start in range(0, frames.rows, PIECE):
            yield _piece(windowed, frames, out, start)


def _remembering(
    features: Sequence[tuple[int, Stateful]], frames: Frames, out: NDArray[Number]
) -> Callable[[], None]:
    """Return what fills the columns of features that remember, one piece after the other."""

    def task() -> None:
        memories = [feature.begin() for _, feature in features]
        reach = max(feature.rows_seen for _, feature in features) - 1
        for start in range(0, frames.rows, PIECE):
            begin = max(0, start - reach)
            part = Part(frames, begin, min(start + PIECE, frames.rows))
            for number, (place, feature) in enumerate(features):
                memories[number], values = feature.go_on(memories[number], part, start - begin)
                _put(values, out, start, place)
        for place, feature in features:
            out[: feature.lookback - 1, place : place + len(feature.names)] = np.nan

    return task


def _whole(
    feature: Feature, frames: Frames, out: NDArray[Number], place: int
) -> Callable[[], None]:
    def task() -> None:
        columns = feature.columns(frames)
        _put([columns[name].to_numpy() for name in feature.names], out, 0, place)

    return task


def _piece(
    features: Sequence[tuple[int, Windowed]], frames: Frames, out: NDArray[Number], start: int
) -> Callable[[], None]:
    """Return what fills rows `start` to `start + PIECE`; a window begins in the rows before."""

    def task() -> None:
        longest = max(feature.lookback for _, feature in features)
        begin = max(0, start - longest + 1)
        stop = min(start + PIECE, frames.rows)
        part = Part(frames, begin, stop)
        for place, feature in features:
            values = [column[start - begin :] for column in feature.values(part).values()]
            _put(values, out, start, place)
            out[start : min(stop, feature.lookback - 1), place : place + len(values)] = np.nan

    return task


def _put(values: Sequence[Vector], out: NDArray[Number], start: int, place: int) -> None:
    for offset, column in enumerate(values):
        out[start : start + column.size, place + offset] = column
