"""Every round trip of a backtest as plain columns, and which of them are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.reliability import NORMAL_95
from assay.fusion.pool import EVIDENCE, TIERS
from assay.kernel.book import BookResult
from assay.kernel.records import Exit, Record, Records
from assay.models.contract import Floats
from assay.workflows.book import Book
from assay.workflows.replay import Replayed

Integers = NDArray[np.int64]
EXTREMES = 12
"""Of the worst and of the best trades so many are shown."""
SAMPLED = 96
"""Of the others so many, evenly spread over time."""
LEAST_TESTED = 20
"""Trades in a cell of the week from which on its mean is held against its error."""
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Trips:
    """The closed trades of an account, `trades` (n,) as the kernel wrote them, with what was known.

    `risk` (n,) is the money that the stop stood to lose; `bars` (n,) how many of its own bars a
    trade lasted; `replay` (n,) and `place` (n,) say where in `replays` each was decided; `gapped`
    where the market opened beyond the stop.
    """

    book: Book
    replays: Sequence[Replayed]
    trades: Records
    risk: Floats
    bars: Integers
    gapped: NDArray[np.bool_]
    replay: Integers
    place: Integers
    bar_seconds: int

    @classmethod
    def of(cls, book: Book, result: BookResult, replays: Sequence[Replayed]) -> "Trips":
        """Return the trades of `result`, in the order they closed."""
        trades = result.trades
        count = len(trades)
        risk, gapped = np.ones(count), np.zeros(count, dtype=np.bool_)
        bars, replay, place = (np.zeros(count, np.int64) for _ in range(3))
        for number, (market, params) in enumerate(zip(book.markets, book.params, strict=True)):
            mine = np.flatnonzero(trades["instrument"] == number)
            own = trades[mine]
            rate = np.broadcast_to(market.rate, len(market))[own["entry_bar"]]
            ticks = np.abs(own["entry"] - own["stop"]) * own["lots"]
            risk[mine] = ticks * params.tick_value * rate
            passed = np.cumsum(np.broadcast_to(market.tradable, len(market)))
            bars[mine] = passed[own["exit_bar"]] - passed[own["entry_bar"]]
            beyond = own["side"] * (market.open[own["exit_bar"]] - own["stop"]) < 0
            gapped[mine] = (own["reason"] == Exit.STOP) & beyond
            symbol = book.instruments[number].symbol
            replay[mine], place[mine] = _where(replays, symbol, book.grid[own["decided_bar"]])
        minutes = replays[0].series.timeframe.minutes
        return cls(book, replays, trades, risk, bars, gapped, replay, place, 60 * minutes)

    def __len__(self) -> int:
        return len(self.trades)

    @property
    def r(self) -> Floats:
        """Return (n,): profit net of costs over what the stop stood to lose."""
        return np.asarray(self.trades["pnl"] / np.maximum(self.risk, 1e-9))

    def opened(self, bar: Integers | Record) -> Integers:
        """Return when the bars at these rows of the grid opened, in seconds since 1970."""
        return np.asarray(self.book.grid[bar] // MICROS - self.bar_seconds)

    def said(self, name: str) -> NDArray[Any]:
        """Return the field `name` of the pool at each decision."""
        parts = [getattr(replay.pooled, name) for replay in self.replays]
        starts = np.cumsum([0, *(len(part) for part in parts)])[:-1]
        return np.asarray(np.concatenate(parts)[starts[self.replay] + self.place])

    def columns(self) -> dict[str, list[Any]]:
        """Return one list a column: prices in ticks, times in seconds since 1970, money in dollars.

        `symbol` is a place in the report's symbols; `entered` and `left` are the opens of the bars
        in which it was filled.
        """
        trades = self.trades
        whole = {name: trades[name].tolist() for name in ("side", "lots", *PRICES, "favourable")}
        return {
            "symbol": trades["instrument"].tolist(),
            "decided": (self.book.grid[trades["decided_bar"]] // MICROS).tolist(),
            "entered": self.opened(trades["entry_bar"]).tolist(),
            "left": self.opened(trades["exit_bar"]).tolist(),
            "bars": self.bars.tolist(),
            **whole,
            "reason": [Exit(reason).name.lower() for reason in trades["reason"].tolist()],
            "ambiguous": [bool(one) for one in trades["ambiguous"].tolist()],
            "gapped": self.gapped.tolist(),
            "pnl": np.round(trades["pnl"], 2).tolist(),
            "fees": np.round(trades["fees"], 2).tolist(),
            "cost": np.round(trades["cost"], 2).tolist(),
            "r": np.round(self.r, 4).tolist(),
            "probability": np.round(self.said("probability"), 5).tolist(),
            "score": np.round(self.said("score"), 2).tolist(),
            "tier": [str(TIERS[code]) for code in self.said("tier").tolist()],
            "evidence": [str(EVIDENCE[code]) for code in self.said("evidence").tolist()],
        }

    def chosen(self) -> dict[str, list[int]]:
        """Return the worst trades (the worst first), the best (the best first), and a sample."""
        order = np.argsort(self.trades["pnl"], kind="stable")
        worst = [n for n in order[:EXTREMES].tolist() if self.trades["pnl"][n] < 0]
        best = [n for n in order[::-1][:EXTREMES].tolist() if self.trades["pnl"][n] > 0]
        others = sorted(set(range(len(self))) - set(worst) - set(best))
        spread = np.unique(np.linspace(0, len(others) - 1, min(SAMPLED, len(others))).astype(int))
        return {"worst": worst, "best": best, "sample": [others[n] for n in spread.tolist()]}


PRICES = ("entry", "exit", "stop", "target")


def _where(
    replays: Sequence[Replayed], symbol: str, decided: Integers
) -> tuple[Integers, Integers]:
    """Return the replay and the place in it of each time (UTC microseconds) of `decided`."""
    own = [n for n, replay in enumerate(replays) if replay.series.symbol == symbol]
    times = [replays[n].pooled.time for n in own]
    if not len(decided):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    numbers = np.concatenate([np.full(len(t), n) for n, t in zip(own, times, strict=True)])
    places = np.concatenate([np.arange(len(t)) for t in times])
    order = np.argsort(np.concatenate(times), kind="stable")
    at = order[np.searchsorted(np.concatenate(times)[order], decided)]
    return numbers[at], places[at]


def by_hour(columns: Mapping[str, Sequence[Any]], *, intraday: bool) -> dict[str, Any]:
    """Return the mean R and the count of trades by day of the week and hour (UTC) of the entry.

    `beyond` counts the cells of 20 trades or more whose mean is more than 1.96 standard errors from
    zero, among `tested`; 5 % of them would be by chance alone. A bar that is not intraday counts to
    the day in which its middle lies.
    """
    entered = np.array(columns["entered"], dtype=np.int64)
    r = np.array(columns["r"], dtype=np.float64)
    middle = entered if intraday else entered + 43_200
    weekday = (middle // 86_400 + 3) % 7
    hour = entered // 3_600 % 24 if intraday else np.zeros(len(entered), np.int64)
    cells: list[list[float | None]] = []
    tested = beyond = 0
    for day in range(7):
        for each in range(24 if intraday else 1):
            own = r[(weekday == day) & (hour == each)]
            if not len(own):
                continue
            mean = float(own.mean())
            error = float(own.std(ddof=1) / np.sqrt(len(own))) if len(own) > 1 else 0.0
            cells.append([day, each, len(own), round(mean, 4), round(error, 4) or None])
            if len(own) >= LEAST_TESTED and error > 0:
                tested += 1
                beyond += abs(mean) > NORMAL_95 * error
    return {"intraday": intraday, "cells": cells, "tested": tested, "beyond": beyond}
