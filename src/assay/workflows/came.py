"""What came of signals, by the label and the kernel that research and backtests use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.errors import HistoryError
from assay.core.values.bars import Bars
from assay.core.values.decision import Side
from assay.kernel.costs import default_costs, default_ticks
from assay.kernel.market import Market, Orders, Params
from assay.kernel.records import Exit, Record
from assay.kernel.run import run
from assay.labels.catalog import LABELS
from assay.store.resolutions import Part
from assay.workflows.gather import CLASS_LABEL, micros, moment_of
from assay.workflows.replay import LIMIT_BARS
from assay.workflows.roll import across_roll

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Payload = Mapping[str, Any]

OUTCOMES = ("down", "flat", "up")
"""The classes of the label, by number."""
SIDES = {"UP": 1, "DOWN": -1, "NONE": 0}
FANS = {"0.5": ("0.25", "0.75"), "0.9": ("0.05", "0.95")}
"""Which quantiles enclose what share of the outcomes, if they are right."""
ROLL = "roll"
"""Why a return is no outcome: one of its ends lies in the daily roll; see `roll`."""
NO_SCALE = "no_scale"
"""Why it is none: the signal expected no movement at all, so that nothing is large or small."""
_MONEY = 1e15
"""An account that no single lot exhausts: a signal is followed by itself."""


@dataclass(frozen=True, slots=True)
class Came:
    """One part's outcome; see `store.resolutions.Draft`."""

    part: Part
    parts: int
    due: datetime
    found: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """The trade of a signal: side +1 or -1, distances in ticks, and whether it was meant.

    `taken` is false where the decision was WAIT: the same stop and target on the side the pool
    leant to, which nobody traded.
    """

    side: int
    stop_ticks: int
    target_ticks: int
    taken: bool


_READ = (
    *("as_of", "timeframe", "horizon_bars", "volatility", "atr", "stop_atr", "target_atr"),
    *("decision", "direction", "probability", "base", "in_sample"),
)
_READ_OF_MEMBERS = ("member", "timeframe", "probability", "classes", "quantiles", "volatility")


def needed(payload: Payload) -> Payload:
    """Return what `came_of` reads of a signal; what members said of themselves is most of it."""
    members = [{name: part.get(name) for name in _READ_OF_MEMBERS} for part in payload["members"]]
    return {**{name: payload[name] for name in _READ}, "members": members}


def plan_of(payload: Payload, tick: float) -> Plan | None:
    """Return the trade of a signal, None where the pool leant to no side or no price was known."""
    taken = payload["decision"] != Side.WAIT
    side = Side(payload["decision"]).sign if taken else SIDES[payload["direction"]]
    if not side or not payload["atr"] > 0:
        return None
    stop, target = (
        max(int(np.ceil(payload[name] * payload["atr"] / tick - 1e-9)), 1)  # as `decide_many` does
        for name in ("stop_atr", "target_atr")
    )
    return Plan(side, stop, target, taken)


def came_of(bars: Bars, said: Mapping[str, Payload]) -> dict[str, list[Came]]:
    """Return what came of each signal in `said` (by id), as far as `bars` tell; parts in order.

    `bars` are of the signals' series, without a gap of our making from the first signal's bar on.
    A signal whose own bar is not there, or whose horizon has not come, is left out. Nothing is read
    but these bars and what the signal said: its volatility, its ATR, its side.
    """
    time = bars.frame["time"].dt.epoch("us").to_numpy()
    asked = {name: micros(datetime.fromisoformat(p["as_of"])) for name, p in said.items()}
    places = {name: int(np.searchsorted(time, at)) for name, at in asked.items()}
    there = {n: r for n, r in places.items() if r < len(time) and time[r] == asked[n]}
    plans = {name: plan_of(said[name], bars.instrument.tick_size) for name in there}
    found: dict[str, list[Came]] = {
        name: [one] for name, one in _horizons(bars, time, there, said, plans).items()
    }
    if any(plans.values()):
        ground = _Ground.of(bars)
        for name, row in there.items():
            plan = plans[name]
            ended = None if plan is None else _trade(ground, time, row, plan)
            if ended is not None:
                found.setdefault(name, []).append(ended)
    return found


def _horizons(
    bars: Bars,
    time: Integers,
    rows: Mapping[str, int],
    said: Mapping[str, Payload],
    plans: Mapping[str, Plan | None],
) -> dict[str, Came]:
    found: dict[str, Came] = {}
    expected = _expected(bars)
    left = dict(rows)
    while left:  # two signals of one bar may have said another volatility: each takes its turn
        turn = {row: name for name, row in reversed(left.items())}
        for name in turn.values():
            del left[name]
        for horizon in {said[name]["horizon_bars"] for name in turn.values()}:
            own = {r: n for r, n in turn.items() if said[n]["horizon_bars"] == horizon}
            known = {r: said[n]["volatility"] / np.sqrt(horizon) for r, n in own.items()}
            told = _labelled(bars, time, known, horizon)
            for row, name in own.items():
                if row + horizon >= len(time):
                    continue
                moved, scaled, label, unknown = told[row]
                end = int(time[row + horizon])
                gaps = None if expected is None else _between(expected, time[row], end) - horizon
                found[name] = Came(
                    Part.HORIZON,
                    1 if plans[name] is None else 2,
                    moment_of(end),
                    {
                        "until": moment_of(end),
                        "bars": horizon,
                        "gaps": None if gaps is None else max(gaps, 0),
                        "log_return": moved,
                        "scaled": scaled,
                        "outcome": None if label is None else OUTCOMES[label],
                        "unknown": unknown,
                        **_held_against(said[name], label, scaled),
                    },
                )
    return found


def _labelled(
    bars: Bars, time: Integers, known: Mapping[int, float], horizon: int
) -> dict[int, tuple[float, float | None, int | None, str | None]]:
    """Return by row the log return, the scaled one and the class, or why there is no class."""
    scale = np.full(len(time), np.nan)
    for row, value in known.items():
        scale[row] = value
    volatility = pl.Series(scale)
    ahead = {"horizon_bars": horizon}
    classes = LABELS.get("three_class")(**(CLASS_LABEL | ahead))
    moves = LABELS.get("scaled_return")(**ahead)
    label = classes.values(bars.frame, volatility)["value"].fill_null(np.nan).to_numpy()
    scaled = moves.values(bars.frame, volatility)["value"].fill_null(np.nan).to_numpy()
    rows = np.array([row for row in known if row + horizon < len(time)], dtype=np.int64)
    rolled = across_roll(bars.instrument, time[rows], time[rows + horizon])
    close = bars.frame["close"].to_numpy()
    found = {}
    for row, in_roll in zip(rows.tolist(), rolled.tolist(), strict=True):
        moved = float(np.log(close[row + horizon] / close[row]))
        size = float(scaled[row]) if np.isfinite(scaled[row]) else None
        unknown = NO_SCALE if size is None else ROLL if in_roll else None
        found[row] = (moved, size, None if unknown else int(label[row]), unknown)
    return found


def _held_against(payload: Payload, label: int | None, scaled: float | None) -> dict[str, Any]:
    """Return what was said, and whether it came true."""
    side = SIDES[payload["direction"]]
    moved = None if label is None or label == 1 else label - 1
    return {
        "direction": payload["direction"],
        "probability": payload["probability"],
        "base": payload["base"],
        "in_sample": payload["in_sample"],
        "hit": None if moved is None or not side else moved == side,
        "members": [
            {
                "member": part["member"],
                "timeframe": part["timeframe"],
                "probability": part["probability"],
                "inside": _inside(part, payload, label, scaled),
            }
            for part in payload["members"]
            if part["classes"] is not None
        ],
    }


def _inside(
    part: Payload, payload: Payload, label: int | None, scaled: float | None
) -> dict[str, bool] | None:
    """Return whether the outcome fell into each fan; None where the member said none of this.

    A member of another timeframe looks over another span of time than the signal's.
    """
    fan = part.get("quantiles")
    if not fan or scaled is None or label is None or part["timeframe"] != payload["timeframe"]:
        return None
    moved = scaled * payload["volatility"] / part["volatility"]
    return {share: fan[low] <= moved <= fan[high] for share, (low, high) in FANS.items()}


def _expected(bars: Bars) -> Integers | None:
    """Return when bars should have closed (UTC microseconds), None where nobody knows."""
    table = calendar(bars.instrument.calendar)
    try:
        closes = table.expected_closes(bars.timeframe, bars.first_time, bars.last_time)
    except HistoryError:
        return None
    return closes.dt.epoch("us").to_numpy()


def _between(expected: Integers, after: int, until: int) -> int:
    low, high = np.searchsorted(expected, (after, until), side="right")
    return int(high - low)


@dataclass(frozen=True, slots=True)
class _Ground:
    """A series as the kernel reads it: the market, its slippage at each bar, the instrument."""

    bars: Bars
    market: Market
    slippage: Integers

    @classmethod
    def of(cls, bars: Bars) -> "_Ground":
        half_spread, slippage = default_ticks(bars.instrument, bars.frame["open"].to_numpy())
        return cls(bars, Market.of(bars, half_spread_ticks=half_spread), slippage)

    def alone(self, row: int, plan: Plan) -> Record | None:
        """Return the trade that `plan`, decided at the close of `row`, ended in; None if open.

        Costs are those of `book_of` for an account that begins with this very bar.
        """
        some = slice(row, row + LIMIT_BARS + 2)
        whole, bars = self.market, self.bars
        opened = float(bars.frame["open"][row])
        costs = default_costs(bars.instrument, opened)
        dearer = np.maximum(self.slippage[some] - costs.slippage_ticks, 0)
        market = Market(
            whole.open[some],
            whole.high[some],
            whole.low[some],
            whole.close[some],
            whole.tradable,
            whole.half_spread[some] + dearer,
            whole.day[some],
            whole.rate,
        )
        side = np.zeros(len(market), np.int8)
        side[0] = plan.side
        orders = Orders.of(
            side,
            stop=plan.stop_ticks,
            target=plan.target_ticks,
            limit_bars=LIMIT_BARS,
            lots=1,
        )
        trades = run(market, orders, Params.of(bars.instrument, costs), equity=_MONEY).trades
        return trades[0] if len(trades) else None


def _trade(ground: _Ground, time: Integers, row: int, plan: Plan) -> Came | None:
    trade = ground.alone(row, plan)
    if trade is None:
        return None
    tick = ground.bars.instrument.tick_size
    unit = float(ground.bars.instrument.tick * ground.bars.instrument.lot)
    at_risk = abs(int(trade["entry"]) - int(trade["stop"])) * unit
    notional = int(trade["entry"]) * unit
    net = float(trade["pnl"])
    gross = net + float(trade["fees"]) + float(trade["cost"])
    exit_row = row + int(trade["exit_bar"])
    opened = int(ground.market.open[exit_row])
    withheld = None if plan.taken else "missed" if net > 0 else "spared"
    return Came(
        Part.TRADE,
        2,
        moment_of(int(time[exit_row])),
        {
            "side": plan.side,
            "taken": plan.taken,
            "hypothetical": not plan.taken,
            "withheld": withheld,
            "end": Exit(int(trade["reason"])).name.lower(),
            "ambiguous": bool(trade["ambiguous"]),
            "gapped": Exit(int(trade["reason"])) is Exit.STOP
            and plan.side * (opened - int(trade["stop"])) < 0,
            "bars": int(trade["exit_bar"]) - int(trade["entry_bar"]),
            **{name: int(trade[name]) * tick for name in ("entry", "exit", "stop", "target")},
            "r_gross": gross / at_risk,
            "r_net": net / at_risk,
            "gross": gross / notional,
            "net": net / notional,
        },
    )
