"""Placebos of the referee: what does not bear on a decision does not change its verdict.

What contradicts it does; a mirrored market gets the mirrored verdict; nobody's text moves it.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.analyst.blind import BlindBrief, ask_blind
from assay.analyst.brief import OpenBrief
from assay.analyst.referee import ask_referee
from assay.core.values.conviction import Conviction, MemberPart
from assay.core.values.forecast import Classes, Forecast
from assay.core.values.view import Verdict, VerdictKind
from assay.llm.providers.rules import RuleAnalyst
from assay.llm.rules.verdict import verdict_of
from assay.llm.rules.view import view_of
from tests.analyst.makers import (
    CALM,
    PAYLOADS,
    TinyJournal,
    make_brief,
    make_conviction,
    make_forecast,
    story_frame,
)

RULES = RuleAnalyst()
MIXED = story_frame(
    (10, "Euro gains after the survey", 0.4),
    (25, "Exports fall short of hopes", -0.3),
    (40, "Traders wait for the central bank", 0.0),
    (55, "Industry orders rise", 0.3),
    (70, "Prices are little changed", 0.0),
    (85, "Lenders report a calm week", 0.1),
)


class Said(NamedTuple):
    """What a verdict decides, without the words."""

    kind: str
    challenge: str | None
    size_cap: float
    p_up_after: float | None


def judged(brief: BlindBrief, pool: Conviction, forecasts: Sequence[Forecast] = ()) -> Said:
    """Go both phases with the rules; also checks that the verdict can only shrink."""
    sealed = TinyJournal().seal(ask_blind(brief, RULES))
    opened = OpenBrief(sealed, brief, tuple(forecasts), pool)
    verdict = ask_referee(opened, RULES)
    assert "refused" not in verdict.objection
    assert_only_shrinks(verdict, pool)
    return Said(verdict.kind, verdict.challenge, verdict.size_cap, verdict.p_up_after)


def assert_only_shrinks(verdict: Verdict, pool: Conviction) -> None:
    assert 0.0 <= verdict.size_cap <= 1.0
    if verdict.p_up_after is not None:
        low, high = sorted((pool.base, pool.probability))
        assert low <= verdict.p_up_after <= high


def renamed(pool: Conviction, forecasts: Sequence[Forecast]) -> tuple[Conviction, list[Forecast]]:
    """Give every member another name, in the opposite order of the alphabet."""

    def other(name: str) -> str:
        return "".join(chr(219 - ord(c)) if "a" <= c <= "z" else c for c in name)

    def part(one: MemberPart) -> MemberPart:
        return replace(one, member=other(one.member), family=other(one.family))

    return (
        replace(pool, parts=tuple(part(one) for one in reversed(pool.parts))),
        [replace(one, member=other(one.member)) for one in forecasts],
    )


SHARES = [(0.4, 0.35, 0.25), (0.9, -0.1), (0.9, 0.1), (1.0, 0.0, 0.0), (0.5, 0.5)]


@pytest.mark.parametrize("shares", SHARES)
@pytest.mark.parametrize("pool", [0.62, 0.38])
@pytest.mark.parametrize("drift", [-3e-4, 1e-4, 3e-4])
def test_new_names_of_the_members_change_nothing(
    shares: tuple[float, ...], pool: float, drift: float
) -> None:
    brief, conviction = make_brief(drift), make_conviction(pool, shares=shares)
    forecasts = [silent(k, conviction, 0.55 if k % 2 else 0.45) for k in range(len(shares))]

    before = judged(brief, conviction, forecasts)
    after = judged(brief, *renamed(conviction, forecasts))

    assert before == after


@pytest.mark.parametrize("drift", [-3e-4, 1e-4, 3e-4])
@pytest.mark.parametrize("pool", [0.62, 0.38])
def test_the_order_of_stories_copies_and_old_ones_change_nothing(drift: float, pool: float) -> None:
    conviction = make_conviction(pool)
    copies = pl.concat([MIXED, MIXED.filter(pl.col("score") == 0.0)])
    old = pl.concat([MIXED, story_frame((60 * 30, "Euro collapses", -1.0))])

    plain = judged(make_brief(drift, stories=MIXED), conviction)
    others = [
        judged(make_brief(drift, stories=stories), conviction)
        for stories in (MIXED.reverse(), copies, old)
    ]

    assert others == [plain] * 3


def test_what_contradicts_the_models_turns_a_confirmation() -> None:
    pool = make_conviction(0.62)
    against = story_frame(*((9.0 * k, f"Euro hit by item {k * k}", -0.6) for k in range(1, 9)))
    alone = make_conviction(0.62, shares=(0.9, -0.1))

    confirmed = judged(make_brief(1e-4), pool)
    by_text = judged(make_brief(1e-4, stories=against), pool)
    by_trend = judged(make_brief(-4e-4), pool)
    by_members = judged(make_brief(1e-4), alone)

    assert confirmed.kind is VerdictKind.CONFIRM
    assert (by_text.kind, by_text.challenge) == (VerdictKind.CHALLENGE, "text_contradicts")
    assert (by_trend.kind, by_trend.challenge) == (VerdictKind.CHALLENGE, "view_opposes")
    assert (by_members.kind, by_members.challenge) == (VerdictKind.CHALLENGE, "single_model_driven")


def silent(number: int, pool: Conviction, p_up: float) -> Forecast:
    """Return the forecast of the pool's member `number`, with P(up) = `p_up`, base one half."""
    part = pool.parts[number]
    return replace(make_forecast(p_up, part.member), artefact=part.artefact)


@pytest.mark.parametrize(
    ("said", "challenge"),
    [
        ((0.4, 0.45), "single_model_driven"),
        ((0.4, 0.6), None),
        ((0.4, 0.5), None),
        ((0.4, 0.4995), None),
        ((0.5, 0.5), None),
    ],
)
def test_a_lone_member_is_held_against_those_that_weigh_nothing(
    said: tuple[float, float], challenge: str | None
) -> None:
    pool = make_conviction(0.62, shares=(1.0, 0.0, 0.0))
    forecasts = [silent(k, pool, p_up) for k, p_up in enumerate(said, 1)]

    verdict = judged(make_brief(1e-4), pool, forecasts)

    assert verdict.challenge == challenge
    assert (verdict.kind is VerdictKind.CONFIRM) == (challenge is None)


def test_a_silent_member_leans_against_its_own_base_rate() -> None:
    pool = make_conviction(0.62, shares=(1.0, 0.0, 0.0))
    used_to_more = replace(silent(1, pool, 0.55), base=Classes(0.4, 0.0, 0.6))
    stays_flat = replace(silent(2, pool, 0.5), classes=Classes(0.0, 1.0, 0.0))
    sealed = TinyJournal().seal(ask_blind(make_brief(), RULES))

    members = OpenBrief(sealed, make_brief(), (used_to_more, stays_flat), pool).bundle["members"]

    assert [(one["member"], one["lean"]) for one in members] == [
        ("member 0", "up"),
        ("member 1", "down"),
        ("member 2", "none"),
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("pool", [0.62, 0.38])
def test_injected_text_moves_the_rules_no_more_than_any_neutral_story(
    payload: str, pool: float
) -> None:
    conviction = make_conviction(pool)
    injected = pl.concat([CALM, story_frame((5, payload, 0.0), source="blog")])
    neutral = pl.concat([CALM, story_frame((5, "Desks report a quiet day", 0.0), source="blog")])

    said = judged(make_brief(1e-4, stories=injected, mask=False), conviction)

    assert said == judged(make_brief(1e-4, stories=neutral, mask=False), conviction)


halves = st.integers(-12, 12).map(lambda k: k / 2)
frames = st.fixed_dictionaries(
    {
        "return_20_pct": halves,
        "dist_sma_20_atr": halves,
        "dist_sma_50_atr": halves,
        "dist_sma_200_atr": st.none() | halves,
        "rsi_14": st.none() | st.integers(0, 100).map(float),
        "vol_percentile": st.none() | st.integers(0, 100).map(float),
    }
)
sentiments = st.fixed_dictionaries(
    {
        "count": st.integers(3, 12),
        "mean": st.integers(-9, 9).map(lambda k: k / 10),
        "z": st.none() | halves,
    }
)
voices = st.fixed_dictionaries(
    {
        "share_pct": st.integers(0, 100).map(float),
        "weight_pct": st.integers(0, 100).map(float),
        "lean": st.sampled_from(["up", "down", "none"]),
    }
)
pools = st.tuples(*[st.integers(20, 180).map(lambda k: k / 2)] * 2)
TEMPLATE = OpenBrief(
    TinyJournal().seal(ask_blind(make_brief(), RULES)), make_brief(), (), make_conviction(0.6)
).bundle


def opened(blind: dict[str, Any], pool: dict[str, Any], members: list[Any]) -> dict[str, Any]:
    """Return an open bundle whose own view is the rules' own."""
    view = view_of(blind)
    own = TEMPLATE["own"] | {"p_up_pct": view["p_up"], "evidence": view["evidence"]}
    return TEMPLATE | {"blind": blind, "own": own, "pool": pool, "members": members}


def pool_of(probability: float, base: float) -> dict[str, Any]:
    lean, template = probability - base, dict(TEMPLATE["pool"])
    return template | {
        "direction": "up" if lean > 0 else "down" if lean < 0 else "none",
        "probability_pct": probability,
        "low_pct": max(0.0, probability - 5),
        "high_pct": min(100.0, probability + 5),
        "base_pct": base,
    }


def mirrored(value: dict[str, Any]) -> dict[str, Any]:
    """Turn every side of a blind bundle round."""
    found = deepcopy(value)
    for numbers in [*found["frames"].values(), found["sentiment"]]:
        for name in ("return_20_pct", "mean", "z", *(f"dist_sma_{n}_atr" for n in (20, 50, 200))):
            if numbers.get(name) is not None:
                numbers[name] = -numbers[name]
        if numbers.get("rsi_14") is not None:
            numbers["rsi_14"] = 100 - numbers["rsi_14"]
    return found


@settings(max_examples=300, deadline=None)
@given(
    each=st.tuples(frames, frames),
    tone=sentiments,
    chances=pools,
    members=st.lists(voices, min_size=1, max_size=4),
)
def test_a_mirrored_market_gets_the_mirrored_verdict(
    each: tuple[dict[str, Any], dict[str, Any]],
    tone: dict[str, Any],
    chances: tuple[float, float],
    members: list[dict[str, Any]],
) -> None:
    blind = deepcopy(TEMPLATE["blind"])
    for name, numbers in zip(("1h", "4h"), each, strict=True):
        blind["frames"][name] |= numbers
    blind["sentiment"] |= tone
    pool, turned = pool_of(*chances), pool_of(*(100 - chance for chance in chances))
    full = [TEMPLATE["members"][0] | one | {"id": f"m{k}"} for k, one in enumerate(members, 1)]
    other = {"up": "down", "down": "up", "none": "none"}
    flipped = [one | {"lean": other[one["lean"]]} for one in full]

    there = verdict_of(opened(blind, pool, full))
    back = verdict_of(opened(mirrored(blind), turned, flipped))

    for name in ("verdict", "challenge_reason", "size_cap"):
        assert there[name] == back[name]
    if there["p_up_after"] is None:
        assert back["p_up_after"] is None
    else:
        assert there["p_up_after"] == 100 - back["p_up_after"]
    assert (there["size_cap"] == 100) == (there["verdict"] != "CHALLENGE")
