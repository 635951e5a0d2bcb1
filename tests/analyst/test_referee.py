"""The referee starts from a sealed view and can only veto or shrink, whoever answers."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.analyst.blind import CalendarFacts, ask_blind
from assay.analyst.brief import OpenBrief
from assay.analyst.referee import ask_referee, open_request
from assay.analyst.schemas import CHALLENGES, SIZE_CAPS
from assay.core.errors import DataError
from assay.core.values.view import SealedView, Verdict, VerdictKind
from assay.llm.providers.rules import RuleAnalyst
from tests.analyst.makers import (
    AS_OF,
    PAYLOADS,
    Said,
    TinyJournal,
    gullible,
    make_brief,
    make_conviction,
    make_forecast,
    make_open,
    make_view,
    story_frame,
)

RULES = RuleAnalyst()


def verdict_answer(**changes: Any) -> str:
    check = {"ref": "pool.agreement", "claim": "They agree"}
    good = {
        "checks": [check],
        "strongest_objection": {"ref": "1h.rsi_14", "claim": "It is tired"},
        "challenge_reason": None,
        "p_up_after": 60,
        "size_cap": 100,
        "verdict": "CONFIRM",
    }
    return json.dumps(good | changes)


def assert_only_shrinks(verdict: Verdict, brief: OpenBrief) -> None:
    pool = brief.conviction
    assert 0.0 <= verdict.size_cap <= 1.0
    assert 100 * verdict.size_cap in SIZE_CAPS
    assert verdict.challenge is None or verdict.challenge in CHALLENGES
    assert verdict.sealed == brief.own.digest
    if verdict.p_up_after is not None:
        low, high = sorted((pool.base, pool.probability))
        assert low <= verdict.p_up_after <= high
    if verdict.kind is VerdictKind.CHALLENGE:
        assert verdict.size_cap < 1.0
    if verdict.kind is VerdictKind.CONFIRM:
        own = brief.own.view.p_up
        assert own is not None
        assert (own - 0.5) * (pool.probability - pool.base) > 0


def test_an_open_brief_needs_a_sealed_view() -> None:
    view = make_view(0.6)

    with pytest.raises(DataError, match="sealed by the journal"):
        OpenBrief(view, make_brief(), (), make_conviction(0.6))  # type: ignore[arg-type] # the point
    with pytest.raises(DataError, match="sealed by the journal"):
        OpenBrief(SealedView(view, 1, ""), make_brief(), (), make_conviction(0.6))


def test_everything_in_it_is_of_one_symbol_and_time() -> None:
    sealed = TinyJournal().seal(make_view(0.6))
    later = AS_OF + timedelta(hours=1)

    with pytest.raises(DataError, match="the conviction was on EURUSD at"):
        OpenBrief(sealed, make_brief(), (), make_conviction(0.6, as_of=later))
    with pytest.raises(DataError, match="the conviction was on GBPUSD"):
        OpenBrief(sealed, make_brief(), (), make_conviction(0.6, symbol="GBPUSD"))
    with pytest.raises(DataError, match="the blind brief was on EURUSD at"):
        OpenBrief(sealed, replace(make_brief(), as_of=later), (), make_conviction(0.6))
    late = replace(make_forecast(0.6), made_at=later)
    with pytest.raises(DataError, match="does not belong"):
        OpenBrief(sealed, make_brief(), (late,), make_conviction(0.6))


def test_the_verdict_carries_the_seal() -> None:
    brief = make_open(0.65, 0.6)

    verdict = ask_referee(brief, RULES)

    assert verdict.sealed == brief.own.digest
    assert brief.own.digest in open_request(brief, RULES).messages[0].content


@settings(max_examples=30, deadline=None)
@given(
    own=st.integers(1, 19).map(lambda k: k / 20),
    lean=st.floats(0.005, 0.4),
    drift=st.floats(-3e-4, 3e-4),
)
def test_the_rules_never_confirm_both_a_pool_and_its_mirror(
    own: float, lean: float, drift: float
) -> None:
    brief = make_brief(drift)

    kinds = [
        ask_referee(make_open(own, pool, brief=brief), RULES).kind
        for pool in (0.5 + lean, 0.5 - lean)
    ]

    assert kinds.count(VerdictKind.CONFIRM) <= 1


def test_the_rules_confirm_what_their_own_view_bears_out() -> None:
    verdict = ask_referee(make_open(0.65, 0.62, brief=make_brief(1e-4)), RULES)

    assert verdict.kind is VerdictKind.CONFIRM
    assert verdict.size_cap == 1.0
    assert verdict.checks
    assert "interval" in verdict.objection


@pytest.mark.parametrize(
    ("own", "pool", "how", "reason", "cap"),
    [
        (0.35, 0.62, {}, "view_opposes", 0.25),
        (0.4, 0.62, {}, "view_opposes", 0.25),
        (0.65, 0.62, {"shares": (0.9, -0.1)}, "single_model_driven", 0.5),
        (0.45, 0.62, {"shares": (0.9, -0.1)}, "single_model_driven", 0.5),
        (None, 0.62, {"shares": (0.9, -0.1)}, "single_model_driven", 0.5),
    ],
)
def test_the_rules_challenge(
    own: float | None, pool: float, how: dict[str, Any], reason: str, cap: float
) -> None:
    verdict = ask_referee(make_open(own, pool, brief=make_brief(1e-4), **how), RULES)

    assert (verdict.kind, verdict.challenge, verdict.size_cap) == (
        VerdictKind.CHALLENGE,
        reason,
        cap,
    )


def test_an_event_in_the_next_minutes_vetoes() -> None:
    soon = CalendarFacts(market_open=True, event="US jobs report", minutes_to_event=10)

    verdict = ask_referee(make_open(0.6, 0.62, brief=make_brief(calendar=soon)), RULES)

    assert (verdict.challenge, verdict.size_cap) == ("event_risk", 0.0)
    assert "10 minutes" in verdict.objection


def test_stories_against_the_pool_are_an_objection() -> None:
    bad = story_frame(*((10.0 * k, f"Euro hit by item {k * k} again", -0.6) for k in range(1, 9)))

    verdict = ask_referee(make_open(0.55, 0.62, brief=make_brief(stories=bad)), RULES)

    assert verdict.challenge == "text_contradicts"


@pytest.mark.parametrize("own", [None, 0.5, 0.45])
@pytest.mark.parametrize("shares", [(0.4, 0.35, 0.25), (0.9, 0.1), (1.0, 0.0)])
def test_without_a_clear_view_and_an_objection_it_abstains(
    own: float | None, shares: tuple[float, ...]
) -> None:
    verdict = ask_referee(make_open(own, 0.62, shares=shares), RULES)

    assert verdict.kind is VerdictKind.ABSTAIN
    assert verdict.p_up_after is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"size_cap": 125}, "not one of the choices"),
        ({"size_cap": 100.0}, "not one of the choices"),
        ({"size_cap": True}, "not one of the choices"),
        ({"verdict": "DOUBLE"}, "not one of the choices"),
        ({"note": "buy"}, "unknown key"),
        ({"checks": []}, "items"),
        ({"challenge_reason": "event_risk"}, "only a challenge"),
        ({"verdict": "CHALLENGE"}, "only a challenge"),
        ({"verdict": "CHALLENGE", "challenge_reason": "event_risk"}, "less than the whole"),
        ({"p_up_after": None}, "with a verdict"),
        ({"checks": [{"ref": "m9.skill", "claim": "good"}]}, "does not hold"),
        ({"checks": [{"ref": "pool.score", "claim": "The score is 99"}]}, "not its value"),
    ],
)
def test_an_answer_that_cannot_stand_abstains(changes: dict[str, Any], why: str) -> None:
    verdict = ask_referee(make_open(0.65, 0.62), Said(verdict_answer(**changes)))

    assert verdict.kind is VerdictKind.ABSTAIN
    assert why in verdict.objection
    assert verdict.checks == ()


def test_a_good_answer_stands_as_it_is_given() -> None:
    verdict = ask_referee(make_open(0.65, 0.62), Said(verdict_answer()))

    assert (verdict.kind, verdict.size_cap, verdict.p_up_after) == (VerdictKind.CONFIRM, 1.0, 0.6)


@pytest.mark.parametrize(("after", "held"), [(95, 0.62), (60, 0.6), (50, 0.5), (5, 0.5)])
def test_its_probability_stays_between_base_and_pool(after: int, held: float) -> None:
    verdict = ask_referee(make_open(0.65, 0.62), Said(verdict_answer(p_up_after=after)))

    assert verdict.p_up_after == held


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "checks": json_values,
        "challenge_reason": st.sampled_from([None, *CHALLENGES, "because"]) | json_values,
        "p_up_after": st.none() | st.sampled_from([*range(0, 101, 5), 62, 1e9]) | json_values,
        "size_cap": st.sampled_from([*SIZE_CAPS, 150, -25, 1e3, "100"]) | json_values,
        "verdict": st.sampled_from(["CONFIRM", "CHALLENGE", "ABSTAIN", "REVERSE"]) | json_values,
        "reverse": json_values,
    },
)


@settings(max_examples=150, deadline=None)
@given(
    raw=answers.map(lambda changes: verdict_answer(**changes))
    | st.text(max_size=80)
    | json_values.map(json.dumps),
    own=st.none() | st.integers(1, 19).map(lambda k: k / 20),
    pool=st.floats(0.02, 0.98),
    base=st.floats(0.3, 0.7),
)
def test_no_answer_whatever_enlarges_or_reverses(
    raw: str, own: float | None, pool: float, base: float
) -> None:
    brief = make_open(own, pool, base=base, brief=BRIEF)

    assert_only_shrinks(ask_referee(brief, Said(raw)), brief)


BRIEF = make_brief()


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("pool", [0.62, 0.38])
def test_a_provider_that_obeys_every_headline_gains_nothing(payload: str, pool: float) -> None:
    stories = story_frame((5, payload, 0.0), (9, "Euro steady", 0.0))
    brief = make_brief(stories=stories, mask=False)
    obedient = Said(gullible)

    view = ask_blind(brief, obedient)
    opened = OpenBrief(
        TinyJournal().seal(view), brief, (make_forecast(pool),), make_conviction(pool)
    )
    verdict = ask_referee(opened, obedient)

    assert view.p_up is None, "headlines alone must not carry a view"
    assert verdict.kind is not VerdictKind.CONFIRM
    assert_only_shrinks(verdict, opened)
    for request in obedient.requests:
        assert payload not in request.system
        assert request.messages[0].content.count("</data-") == 1


def test_a_long_list_of_payloads_is_kept() -> None:
    assert len(set(PAYLOADS)) >= 20
