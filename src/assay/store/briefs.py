"""Issued signals in brief: what a list or a board shows, without the payloads of 25 kB each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assay.core.values.timeframe import Timeframe
from assay.store.database import Database
from assay.store.tables import SIGNALS


@dataclass(frozen=True, slots=True)
class Brief:
    """The head of one issued signal; see `SignalRow` and the payload for what each means.

    `entry` is the number of its journal entry, by which signals are ordered: they are issued one
    after the other. `price` is the last close it saw.
    """

    id: str
    symbol: str
    timeframe: Timeframe
    as_of: datetime
    made_at: datetime
    conviction: float | None
    tier: str | None
    evidence: str
    decision: str
    simulated: bool
    entry: int
    direction: str
    probability: float
    low: float
    high: float
    agreement: float | None
    horizon_bars: int
    volatility: float
    price: float
    stop: float | None
    target: float | None
    risk_fraction: float
    reasons: tuple[str, ...]
    in_sample: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which signals: what is None is not asked for."""

    symbol: str | None = None
    timeframe: Timeframe | None = None
    tier: str | None = None
    decision: str | None = None


_PLAIN = (
    "id", "symbol", "timeframe", "as_of", "made_at", "conviction", "tier", "evidence", "decision",
    "simulated", "entry",
)  # fmt: skip
_SAID = SIGNALS.c.payload
_COLUMNS = (
    *(SIGNALS.c[name] for name in _PLAIN),
    _SAID["direction"].as_string().label("direction"),
    *(
        _SAID[name].as_float().label(name)
        for name in ("probability", "low", "high", "agreement", "volatility", "stop", "target")
    ),
    _SAID["entry"].as_float().label("price"),
    _SAID["risk_fraction"].as_float().label("risk_fraction"),
    _SAID["horizon_bars"].as_integer().label("horizon_bars"),
    _SAID["reasons"].label("reasons"),
    _SAID["in_sample"].as_boolean().label("in_sample"),
)
_NEWEST = (
    sa.select(*_COLUMNS)
    .where(
        SIGNALS.c.symbol == sa.bindparam("of", type_=sa.String()),
        SIGNALS.c.timeframe == sa.bindparam("length", type_=sa.String()),
    )
    .order_by(SIGNALS.c.as_of.desc(), SIGNALS.c.entry.desc())
    .limit(sa.bindparam("each", type_=sa.Integer()))
)


def briefs(
    database: Database, wanted: Wanted, *, limit: int, before: int | None = None
) -> list[Brief]:
    """Return up to `limit` signals that are `wanted`, the newest first.

    `before` is the number of a journal entry: only signals issued before it.
    """
    query = sa.select(*_COLUMNS).order_by(SIGNALS.c.entry.desc()).limit(limit)
    asked = {
        "symbol": wanted.symbol,
        "timeframe": wanted.timeframe and wanted.timeframe.value,
        "tier": wanted.tier,
        "decision": wanted.decision,
    }
    for name, value in asked.items():
        if value is not None:
            query = query.where(SIGNALS.c[name] == value)
    if before is not None:
        query = query.where(SIGNALS.c.entry < before)
    with database.read() as connection:
        return [_brief(row) for row in connection.execute(query)]


def newest_of(
    database: Database, series: Iterable[tuple[str, Timeframe]], each: int
) -> dict[tuple[str, Timeframe], list[Brief]]:
    """Return up to `each` signals of every series, those of the newest bars first.

    A bar can have several (other models, a correction): the one issued last comes first.
    """
    with database.read() as connection:
        return {
            (symbol, timeframe): [
                _brief(row)
                for row in connection.execute(
                    _NEWEST, {"of": symbol, "length": timeframe.value, "each": each}
                )
            ]
            for symbol, timeframe in series
        }


def _brief(row: sa.Row[tuple[object, ...]]) -> Brief:
    values = dict(row._mapping)
    values |= {
        "timeframe": Timeframe(values["timeframe"]),
        "reasons": tuple(values["reasons"]),
        "in_sample": bool(values["in_sample"]),
    }
    return Brief(**values)
