"""Objections of the rules: each is about the decision at hand, and rare where nothing is wrong."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from assay.analyst.blind import build_blind_brief
from assay.analyst.numbers import numbers_of
from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe
from assay.llm.rules.objections import objections_of
from assay.llm.rules.view import view_of
from tests.analyst.makers import (
    AS_OF,
    HORIZON,
    OPEN,
    drifting_bars,
    make_brief,
    make_open,
    story_frame,
)

QUIET = {"vol_percentile": 50.0, "rsi_14": 50.0, "dist_sma_20_atr": 0.0}


def quiet_bundle() -> dict[str, Any]:
    """Return an open bundle, pool up, against which nothing speaks."""
    bundle = make_open(0.6, 0.6).bundle
    bundle["blind"]["frames"]["1h"] |= QUIET
    return bundle


def codes(bundle: dict[str, Any], sign: int = 1) -> list[str]:
    return [one.code for one in objections_of(bundle, sign)]


def voice(lean: str, *, weight: float = 0.0, share: float = 0.0) -> dict[str, Any]:
    first: dict[str, Any] = quiet_bundle()["members"][0]
    return first | {"lean": lean, "weight_pct": weight, "share_pct": share}


def numbered(*voices: dict[str, Any]) -> list[dict[str, Any]]:
    return [one | {"id": f"m{place}"} for place, one in enumerate(voices, 1)]


LEAD = voice("up", weight=100.0, share=98.0)


def test_against_a_quiet_decision_nothing_speaks() -> None:
    assert codes(quiet_bundle()) == []


@pytest.mark.parametrize(
    ("others", "alone"),
    [
        ([], False),
        ([voice("none"), voice("none")], False),
        ([voice("down")], False),
        ([voice("down"), voice("down")], True),
        ([voice("down"), voice("none"), voice("down")], True),
        ([voice("down"), voice("down"), voice("up")], False),
        ([voice("down", weight=10.0, share=2.0)], True),
        ([voice("none", weight=40.0, share=0.0)], True),
        ([voice("down", weight=30.0, share=2.0), voice("up"), voice("up")], True),
        ([voice("down", weight=0.5, share=0.1), voice("up")], False),
        ([voice("up", weight=20.0, share=2.0), voice("down"), voice("down")], False),
    ],
)
def test_one_model_carries_the_pool_only_where_no_other_bears_it_out(
    others: list[dict[str, Any]], *, alone: bool
) -> None:
    bundle = quiet_bundle() | {"members": numbered(LEAD, *others)}

    assert codes(bundle) == (["single_model_driven"] if alone else [])


def test_a_member_with_less_than_three_quarters_does_not_carry_the_pool() -> None:
    lead, other = LEAD | {"share_pct": 74.9}, voice("down", weight=40.0, share=25.1)

    assert codes(quiet_bundle() | {"members": numbered(lead, other)}) == []


@pytest.mark.parametrize(
    ("bars", "timeframe_minutes", "minutes", "cap"),
    [
        (4, 60, 15, 0),
        (4, 60, 60, 50),
        (4, 60, 61, None),
        (4, 1440, 240, 50),
        (4, 1440, 1000, None),
        (4, 60, None, None),
    ],
)
def test_an_event_counts_in_the_next_bar_and_not_before(
    bars: int, timeframe_minutes: int, minutes: int | None, cap: int | None
) -> None:
    bundle = quiet_bundle()
    bundle["blind"]["horizon"] |= {"bars": bars, "minutes": bars * timeframe_minutes}
    bundle["blind"]["calendar"]["minutes_to_event"] = minutes

    found = objections_of(bundle, 1)

    assert [(one.code, one.cap) for one in found] == ([] if cap is None else [("event_risk", cap)])


@pytest.mark.parametrize(
    ("flag", "heard"),
    [("stale_1h", True), ("thin_4h", True), ("thin_1d", False), ("no_stories", False)],
)
def test_bad_data_counts_where_the_decision_relies_on_it(flag: str, *, heard: bool) -> None:
    bundle = quiet_bundle()
    bundle["members"][0]["timeframe"] = "4h"
    bundle["members"][1] |= {"timeframe": "1d", "weight_pct": 0.0}
    bundle["blind"]["quality"] = [flag]

    assert codes(bundle) == (["stale_or_thin_data"] if heard else [])


@pytest.mark.parametrize(
    ("numbers", "sign", "expected"),
    [
        ({"vol_percentile": 95.0}, 1, ["regime_shift"]),
        ({"vol_percentile": 94.9}, 1, []),
        ({"vol_percentile": None}, 1, []),
        ({"dist_sma_20_atr": 3.0, "rsi_14": 75.0}, 1, ["overextended"]),
        ({"dist_sma_20_atr": 3.0, "rsi_14": 75.0}, -1, []),
        ({"dist_sma_20_atr": -3.0, "rsi_14": 25.0}, -1, ["overextended"]),
        ({"dist_sma_20_atr": 3.0, "rsi_14": 74.0}, 1, []),
        ({"dist_sma_20_atr": None}, 1, []),
    ],
)
def test_a_jump_in_volatility_and_a_stretched_price_count(
    numbers: dict[str, Any], sign: int, expected: list[str]
) -> None:
    bundle = quiet_bundle()
    bundle["blind"]["frames"]["1h"] |= numbers

    assert codes(bundle, sign) == expected


@pytest.mark.parametrize(
    ("z", "count", "sign", "expected"),
    [
        (-1.65, 5, 1, ["text_contradicts"]),
        (-1.65, 5, -1, []),
        (1.65, 5, -1, ["text_contradicts"]),
        (-1.6, 5, 1, []),
        (-9.0, 4, 1, []),
        (None, 5, 1, []),
    ],
)
def test_the_tone_of_at_least_five_stories_counts(
    z: float | None, count: int, sign: int, expected: list[str]
) -> None:
    bundle = quiet_bundle()
    bundle["blind"]["sentiment"] |= {"z": z, "count": count, "mean": -0.3}

    assert codes(bundle, sign) == expected


def random_walk(bars: int, seed: int, *, steps: int = 16) -> Bars:
    """Return hourly bars of a random walk of `steps` steps a bar; about 0.1 % a bar."""
    chance = np.random.default_rng(seed)
    moves = chance.normal(0.0, 0.001 / steps**0.5, bars * steps)
    path = np.exp(np.cumsum(moves)).reshape(bars, steps)
    opened = np.concatenate([[1.0], path[:-1, -1]])
    start = datetime(2015, 1, 1, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "time": [start + timedelta(hours=k) for k in range(1, bars + 1)],
            "open": opened,
            "high": np.maximum(path.max(axis=1), opened),
            "low": np.minimum(path.min(axis=1), opened),
            "close": path[:, -1],
            "volume": np.full(bars, 1.0),
        },
        schema=BAR_SCHEMA,
    )
    return Bars(instrument("EURUSD"), Timeframe.H1, frame)


def test_on_a_random_walk_the_objections_to_prices_are_rare() -> None:
    bars = random_walk(30_000, seed=1)
    bundle, counts = quiet_bundle(), {"overextended": 0, "regime_shift": 0}
    moments = bars.frame["time"].to_list()[400::20]

    for at in moments:
        numbers = numbers_of(bars, at)
        for name in QUIET:
            bundle["blind"]["frames"]["1h"][name] = getattr(numbers, name)
        for code in codes(bundle):
            counts[code] += 1

    shares = {code: count / len(moments) for code, count in counts.items()}
    assert 0.02 <= shares["overextended"] <= 0.06, shares
    assert 0.03 <= shares["regime_shift"] <= 0.10, shares


def test_tones_by_chance_contradict_about_one_time_in_twenty() -> None:
    chance = np.random.default_rng(2)
    bundle, count = quiet_bundle(), 400
    bars = {Timeframe.H1: drifting_bars(count=60)}
    contradicted = 0

    for _ in range(count):
        rows = [
            (10.0 * k, f"Euro item {k * k} of {k}", tone)
            for k, tone in enumerate(chance.normal(0, 0.4, 8).clip(-1, 1).tolist(), 1)
        ]
        brief = build_blind_brief(
            bars, story_frame(*rows), AS_OF, OPEN, instrument("EURUSD"), horizon=HORIZON
        )
        bundle["blind"]["sentiment"] = brief.bundle["sentiment"]
        contradicted += codes(bundle) == ["text_contradicts"]

    assert 0.02 <= contradicted / count <= 0.10, contradicted


@pytest.mark.parametrize(
    ("is_open", "age_min", "abstains"),
    [
        (True, 0, None),
        (False, 0, None),
        (False, 59, None),
        (False, 60, "market_closed"),
        (True, 60, None),
    ],
)
def test_the_last_bar_before_a_pause_is_as_good_as_another(
    is_open: bool,
    age_min: int,
    abstains: str | None,
) -> None:
    bundle = deepcopy(make_brief(1e-4).bundle)
    bundle["calendar"]["market_open"] = is_open
    bundle["frames"]["1h"]["age_min"] = age_min

    view = view_of(bundle)

    assert view["abstain"] == abstains
    assert (view["p_up"] is None) == (abstains is not None)


def test_prices_alone_carry_a_view() -> None:
    rising = view_of(make_brief(4e-4, stories=story_frame()).bundle)
    falling = view_of(make_brief(-4e-4, stories=story_frame()).bundle)

    assert rising["p_up"] > 50 > falling["p_up"]
    assert not [point for point in rising["evidence"] if point["ref"].startswith("sentiment")]
