"""Whole reports as plain data, of as many days and trades as a test wants."""

from typing import Any

import numpy as np

from assay.evaluation.candles import encode
from assay.evaluation.reliability import reliability

KEYS = (
    "total_return",
    "annual_return",
    "annual_volatility",
    "sharpe",
    "sortino",
    "calmar",
    "drawdown",
    "expected_shortfall",
)
FIRST_DAY = 17_897
"""2019-01-01."""
LEVELS = {"entry": 110_000, "exit": 109_800, "stop": 109_800, "target": 110_300}


def estimate(value: float | None, low: float = -0.5, high: float = 0.5, days: int = 400) -> Any:
    return {"value": value, "low": low, "high": high, "days": days}


def make_report(
    days: int = 400, *, trades: int = 3, instruments: int = 1, **changed: Any
) -> dict[str, Any]:
    """Return a report; every third trade won, each lasted five hours, one a day in turn."""
    chance = np.random.default_rng(5)
    names = ("chain", "buy and hold", "naive")
    daily = {name: chance.normal(0, 0.004, days) for name in names}
    stamps = np.datetime64("2019-01-01") + np.arange(days)
    block = {
        "columns": ["what", "n", "right"],
        "rows": [["a", 1234, "51.0 % [49.0, 53.0]"]],
        "plot": [["a", 0.51, 0.49, 0.53]],
        "note": "",
    }
    report: dict[str, Any] = {
        "title": "EURUSD on 1h",
        "subtitle": "2 folds",
        "trial": "trial-1",
        "simulated": True,
        "start_equity": 1_000_000.0,
        "symbols": [f"S{n}" for n in range(instruments)],
        "timeframe": "1h",
        "summary": ["It traded.", "The interval of the Sharpe holds zero: no evidence."],
        "performance": {
            name: {key: estimate(place / 7, days=days) for place, key in enumerate(KEYS)}
            | {"days": days}
            for name in names
        },
        "equity": {
            "days": [str(day) for day in stamps],
            "curves": {name: np.cumprod(1 + daily[name]).tolist() for name in names},
            "low": [0.9] * days,
            "high": [1.1] * days,
        },
        "falls": {"columns": ["from", "depth"], "rows": [["2019-02-01", "-4.1 %"]], "note": ""},
        "months": {"2019": [0.1, -0.05] + [None] * 10},
        "regimes": block,
        "tiers": block,
        "reliability": make_reliability(),
        "members": {
            "columns": ["member", "family", "forecasts", "gain", "right side"],
            "rows": [["pool all", "fusion", "900", "1.0 [-2.0, 3.0]", "51.0 % [50.0, 52.0]"]],
            "plot": [["pool all", 1.0, -2.0, 3.0], ["ridge 1h", -0.5, -1.0, 0.2]],
            "note": "",
        },
        "trading": {"count": trades},
        "trades": {
            "columns": ["figure", "value"],
            "rows": [
                ["round trips", f"{trades:,}"],
                ["won", "51.4 % [47.4, 55.1]"],
                ["ended by", "stop 193, target 107, time 291"],
            ],
        },
        "resolutions": block | {"touched": 1},
        "stress": block | {"break_even": 1.5, "total_return": [0.1, 0.0]},
        "folds": [
            {
                "train": {"start": "2016-01-01T00:00:00+00:00", "end": "2018-01-01T00:00:00+00:00"},
                "test": {"start": "2019-01-01T00:00:00+00:00", "end": "2020-01-01T00:00:00+00:00"},
            }
        ],
        "data": {"columns": ["series"], "rows": [["EURUSD 1h"]], "note": "A note."},
        "soundness": {
            "columns": ["series", "bars"],
            "rows": [["EURUSD 1h", "1,000"]],
            "coverage": [["EURUSD 1h", 0.99]],
            "flags": {"spike": 2},
            "waited": 5,
            "alone": 1,
            "decided": 900,
            "note": "",
        },
        "methods": ["A method."],
        **make_trades(days, trades, instruments),
    }
    return report | changed


def make_reliability(count: int = 900) -> dict[str, Any]:
    """Return what `workflows.sureness` would, of forecasts that are right."""
    chance = np.random.default_rng(3)
    said = chance.uniform(0.4, 0.6, count)
    found = reliability(said, chance.random(count) < said, np.arange(count) // 9)
    assert found is not None
    counts, edges = np.histogram(said, 24)
    one = {
        **found[0].to_json(),
        "histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
        "brier": found[1].to_json(),
    }
    return {**one, "members": [{"name": "ridge 1h", **one}]}


def make_trades(days: int, trades: int, instruments: int) -> dict[str, Any]:
    """Return the parts of a report that speak of single trades."""
    chance = np.random.default_rng(7)
    number = np.arange(trades)
    entered = (FIRST_DAY + number % max(days - 1, 1)) * 86_400 + 8 * 3_600
    won = number % 3 == 0
    columns: dict[str, list[Any]] = {
        "symbol": (number % instruments).tolist(),
        "decided": entered.tolist(),
        "entered": entered.tolist(),
        "left": (entered + 5 * 3_600).tolist(),
        "bars": [5] * trades,
        "side": [1] * trades,
        **{name: [level] * trades for name, level in LEVELS.items()},
        "favourable": [0] * trades,
        "lots": [1] * trades,
        "reason": np.where(won, "target", "stop").tolist(),
        "ambiguous": [False] * trades,
        "gapped": [False] * trades,
        "pnl": np.where(won, 900.0, -1_000.0 - number).tolist(),
        "fees": [50.0] * trades,
        "cost": [50.0] * trades,
        "r": np.where(won, 1.4, -1.05).tolist(),
        "probability": [0.53] * trades,
        "score": [61.0] * trades,
        "tier": ["MODERATE"] * trades,
        "evidence": ["PROVEN"] * trades,
    }
    worst = [n for n in number[::-1].tolist() if not won[n]][:12]
    best = [n for n in number.tolist() if won[n]][:12]
    others = sorted(set(number.tolist()) - set(worst) - set(best))[:96]
    shown = {"worst": worst, "best": best, "sample": others}
    windows = {
        str(n): encode(columns["entered"][n] // 60 + 60 * np.arange(-30, 22), walk(52, chance))
        for some in shown.values()
        for n in some
    }
    return {
        "round_trips": columns,
        "shown": shown,
        "worst": [
            {
                "number": n,
                "symbol": f"S{columns['symbol'][n]}",
                "what": "Bought at 1.1.",
                "why": ["The pool said so."],
                "after": ["A gap."],
                "cost": "It lost 1,000 dollars.",
                "tags": ["gap"],
            }
            for n in worst
        ],
        "hours": {
            "intraday": True,
            "cells": [[0, 8, trades, -0.2, 0.1]] if trades else [],
            "tested": 0,
            "beyond": 0,
        },
        "charts": {
            "bar_minutes": 60,
            "overview": "day",
            "instruments": [
                {
                    "symbol": f"S{n}",
                    "digits": 5,
                    "tick": 1e-5,
                    "candles": encode(FIRST_DAY + np.arange(days), walk(days, chance)),
                }
                for n in range(instruments)
            ],
            "windows": windows,
        },
    }


def walk(count: int, chance: np.random.Generator) -> Any:
    """Return `count` candles of a walk, in ticks."""
    close = 110_000 + np.cumsum(chance.integers(-60, 61, count))
    opened = np.concatenate([[110_000], close[:-1]])[:count]
    high = np.maximum(opened, close) + chance.integers(0, 30, count)
    low = np.minimum(opened, close) - chance.integers(0, 30, count)
    return np.column_stack([opened, high, low, close])
