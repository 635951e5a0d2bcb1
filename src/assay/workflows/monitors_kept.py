"""What the drift monitors said last of each series, kept until they are asked again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from assay.core.ids import canonical
from assay.core.values.timeframe import Timeframe
from assay.store.files import write_atomic
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.monitoring import MEANING, monitor

FOLDER = "monitors"
_ONE_AT_A_TIME = Lock()
"""Reading monitors takes a second a series and all processors."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the monitors read of one series `at` (UTC): a row of `Monitored.to_json`.

    `current` says whether no bar of it has been stored since.
    """

    symbol: str
    timeframe: Timeframe
    at: datetime
    current: bool
    found: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Monitors:
    """The series, the worst first, then by their names; `problems` say what could not be read.

    `unread` are stored series that no monitor has looked at yet.
    """

    meaning: str
    said: tuple[Said, ...]
    unread: tuple[str, ...]
    problems: tuple[str, ...]


def kept_monitors(desk: Desk, problems: Sequence[str] = ()) -> Monitors:
    """Return what the monitors said last of every stored series; reads no bar."""
    said: list[Said] = []
    unread: list[str] = []
    for info in desk.bars.series([]):
        kept = _kept(_file(desk, info.symbol, info.timeframe))
        if kept is None:
            unread.append(f"{info.symbol} {info.timeframe}")
            continue
        at, found = kept
        current = datetime.fromisoformat(found["until"]) >= info.last
        said.append(Said(info.symbol, info.timeframe, at, current, found))
    order = ("drifted", "moved", "unknown", "steady")
    said.sort(key=lambda one: order.index(one.found["verdict"]))
    return Monitors(MEANING, tuple(said), tuple(unread), tuple(problems))


def keep_monitors(
    desk: Desk,
    symbols: Sequence[str] = (),
    timeframes: Sequence[Timeframe] = (),
    *,
    tick: Tick = silent,
) -> Monitors:
    """Ask the monitors of the series named (all by default), keep what they say, and return it.

    Only what was asked is returned. It takes a second or two a series.
    """
    with _ONE_AT_A_TIME:
        found = monitor(desk, symbols, timeframes, tick=tick)
        keep(desk, found)
    names = {one["series"] for one in found["series"]}
    every = kept_monitors(desk, found["problems"])
    mine = tuple(one for one in every.said if f"{one.symbol} {one.timeframe}" in names)
    return Monitors(every.meaning, mine, (), every.problems)


def keep(desk: Desk, found: Mapping[str, Any]) -> None:
    """Keep what `monitor` returned, in the place of what was said of its series before."""
    at = desk.clock.now()
    for one in found["series"]:
        symbol, _, timeframe = one["series"].partition(" ")
        content = canonical({"at": at, "found": one})
        write_atomic(_file(desk, symbol, Timeframe(timeframe)), content, settle=False)


def _file(desk: Desk, symbol: str, timeframe: Timeframe) -> Path:
    return desk.reports / FOLDER / f"{quote(symbol, safe='')}-{timeframe}.json"


def _kept(file: Path) -> tuple[datetime, dict[str, Any]] | None:
    """Return when something was kept, and what; None where nothing was, or it is damaged."""
    try:
        told: dict[str, Any] = json.loads(file.read_bytes())
        return datetime.fromisoformat(told["at"]), told["found"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
