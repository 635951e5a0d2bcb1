"""Prepared series written once and read by every worker from the same memory."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.ids import digest
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.features.pipeline import Pipeline
from assay.store.instruments import instrument_of, row_of
from assay.workflows.gather import Prepared, Series
from assay.workflows.shared_arrays import open_shared, put

FOLDER = "shared"
PRICES = ("open", "high", "low", "close", "volume")
_KEPT = 16
"""Series that one worker keeps open."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a prepared series lies, and the fingerprint of all that a fold sees of it."""

    path: Path
    fingerprint: str


def share(folder: Path, item: Prepared) -> Place:
    """Write `item` under the hash of its content, unless it is there."""
    arrays: dict[str, NDArray[Any]] = {
        "time": item.time,
        "x": item.x,
        "volatility": item.volatility,
        "atr": item.atr,
        "doubted": item.doubted,
        **{name: item.bars.frame[name].to_numpy() for name in PRICES},
    }
    meta = _meta(item)
    key = _content(arrays, meta)
    return Place(put(folder, key, arrays, meta=meta), key)


def _content(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> str:
    """Return the SHA-256 of arrays and what is said about them: fills need the prices too."""
    made = {
        name: hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        for name, array in arrays.items()
    }
    return digest([made, meta])


@lru_cache(maxsize=_KEPT)
def shared(path: Path) -> Prepared:
    """Return the series that lies at `path`; its columns are mapped, not copied."""
    found = open_shared(path)
    arrays, meta = found.arrays, found.meta
    instrument = instrument_of(meta["instrument"])
    series = Series(meta["symbol"], Timeframe(meta["timeframe"]))
    times = pl.Series("time", arrays["time"]).cast(pl.Datetime("us", "UTC"))
    frame = pl.DataFrame([times, *(pl.Series(name, arrays[name]) for name in PRICES)])
    return Prepared(
        series=series,
        instrument=instrument,
        bars=Bars(instrument, series.timeframe, frame),
        pipeline=Pipeline.from_spec(meta["pipeline"]),
        time=arrays["time"],
        x=arrays["x"],
        volatility=arrays["volatility"],
        atr=arrays["atr"],
        peers=tuple(meta["peers"]),
        doubted=arrays["doubted"],
    )


def opened(paths: Sequence[str]) -> Mapping[Series, Prepared]:
    """Return the series that lie at `paths`, by name."""
    items = [shared(Path(path)) for path in paths]
    return {item.series: item for item in items}


def _meta(item: Prepared) -> dict[str, Any]:
    return {
        "symbol": item.series.symbol,
        "timeframe": item.series.timeframe.value,
        "peers": list(item.peers),
        "pipeline": item.pipeline.spec(),
        "instrument": row_of(item.instrument),
    }
