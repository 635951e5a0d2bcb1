"""A family's alpha is spent once: by idea, in the order of registration."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.evaluation.gate.contract import Evidence, Finding, Tier, Verdict
from assay.evaluation.gate.statistics.family_alpha import AGAIN, HALF, share_of
from tests.evaluation.gate.evidence import DAYS, asked, changed, of_family, with_sharpe

stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")

UNHURRIED = settings(deadline=None, max_examples=25)
orders = st.lists(st.integers(0, 4), min_size=1, max_size=14)


def found(evidence: Evidence) -> Finding:
    return asked(Tier.STATISTICS, "family_alpha", evidence)


def level_of(evidence: Evidence) -> float:
    level = found(evidence).threshold
    assert level is not None
    return level


def trials(order: list[int], days: int = 260) -> np.ndarray:
    """Return (days, trials) where trials of one number are one idea, correlated by 0.9."""
    chance = np.random.default_rng(17)
    ideas = chance.normal(size=(days, 1 + max(order)))
    own = chance.normal(size=(days, len(order)))
    return np.asarray(0.01 * (np.sqrt(0.9) * ideas[:, order] + np.sqrt(0.1) * own))


def prefixes(returns: np.ndarray) -> list[Evidence]:
    """Return the evidence of every trial, each with what was registered up to it."""
    return [of_family(returns[:, : own + 1]) for own in range(returns.shape[1])]


def test_the_shares_of_all_ideas_add_up_to_one_and_never_more() -> None:
    ten = Fraction(10)
    exact = [ten / ((k + 9) * (k + 10)) for k in range(1, 5_001)]

    assert [share_of(k) for k in range(1, 5_001)] == pytest.approx([float(e) for e in exact])
    # the sum telescopes: 1 - 10 / (n + 10) after n ideas, half of it after ten
    assert sum(exact) == 1 - ten / 5_010
    assert sum(exact[:10]) == Fraction(1, 2)
    assert HALF == 10


@given(st.integers(1, 10_000))
def test_a_later_idea_never_has_a_larger_share(place: int) -> None:
    assert 0 < share_of(place + 1) < share_of(place)


@pytest.mark.parametrize(("annual", "expected"), [
    # the first idea has 0.05 / 11 / 3 = 0.0015: z is 2.96, over six years a ratio of 1.21
    (1.27, Verdict.LIVE), (1.15, Verdict.INSUFFICIENT), (-0.5, Verdict.FAIL),
])  # fmt: skip
def test_the_first_idea_must_be_this_certain(annual: float, expected: Verdict) -> None:
    told = found(of_family(with_sharpe(annual)[:, None]))

    assert told.allows is expected
    assert told.threshold == pytest.approx(0.05 / 11 / AGAIN)
    assert told.p_value == pytest.approx(stats.norm.sf(annual * np.sqrt(6)), rel=0.5)


def test_what_is_certain_enough_as_the_first_idea_is_not_as_the_fortieth() -> None:
    strangers = np.random.default_rng(3).normal(0, 0.01, (DAYS, 39))
    own = with_sharpe(1.4)[:, None]

    first, fortieth = (found(of_family(each)) for each in (own, np.hstack([strangers, own])))

    assert first.p_value == pytest.approx(fortieth.p_value)
    assert (first.allows, fortieth.allows) == (Verdict.LIVE, Verdict.INSUFFICIENT)
    assert fortieth.detail["idea"] == 40


def test_an_idea_keeps_its_place_whenever_it_is_tried_again() -> None:
    places = [found(each).detail["idea"] for each in prefixes(trials([0, 1, 0, 2, 1, 3, 0]))]

    assert places == [1, 2, 1, 3, 2, 4, 1]


@UNHURRIED
@given(order=orders)
def test_a_place_is_that_of_the_first_trial_of_the_idea(order: list[int]) -> None:
    seen = list(dict.fromkeys(order))

    places = [each.place for each in prefixes(trials(order))]

    assert places == [1 + seen.index(idea) for idea in order]


@UNHURRIED
@given(order=orders, copies=st.integers(1, 4), scale=st.sampled_from([0.5, 1.0, 3.0]))
def test_trying_the_same_again_is_no_new_idea(order: list[int], copies: int, scale: float) -> None:
    returns = trials(order)
    again = np.hstack([returns, *[scale * returns[:, :1]] * copies])

    once, many = of_family(returns), of_family(again)

    assert many.clusters.effective_trials == once.clusters.effective_trials
    assert many.ideas == once.ideas
    assert many.place == 1
    assert level_of(many) == level_of(of_family(returns[:, :1]))


@UNHURRIED
@given(runs=st.integers(0, 30), tries=st.integers(0, 30))
def test_runs_without_returns_are_ideas_and_the_tries_of_searches_only_deflate(
    runs: int, tries: int
) -> None:
    evidence = changed(
        of_family(trials([0, 1])), registration={"unseen_runs": runs, "unseen_tries": tries}
    )

    assert evidence.place == 2 + runs
    assert evidence.ideas == 2 + runs + tries
    assert level_of(evidence) == 0.05 * share_of(2 + runs) / AGAIN


@UNHURRIED
@given(order=orders, later=orders)
def test_no_later_trial_changes_the_level_of_an_earlier_one(
    order: list[int], later: list[int]
) -> None:
    whole = trials(order + later)

    before = [level_of(each) for each in prefixes(whole[:, : len(order)])]
    after = [level_of(each) for each in prefixes(whole)]

    assert after[: len(order)] == before


@UNHURRIED
@given(order=orders)
def test_all_that_the_ideas_of_a_family_may_spend_is_below_alpha(order: list[int]) -> None:
    spent = {found(each).detail["idea"]: level_of(each) for each in prefixes(trials(order))}

    assert sum(spent.values()) * AGAIN < 0.05


def test_an_idea_is_judged_by_the_mean_of_its_trials() -> None:
    returns = trials([0, 0, 0], DAYS)

    told = found(of_family(returns))

    mean = found(of_family(returns.mean(axis=1)[:, None]))
    assert told.p_value == pytest.approx(mean.p_value)


def test_trials_that_never_moved_are_one_idea_and_say_nothing() -> None:
    still = of_family(np.hstack([trials([0, 1]), np.zeros((260, 2))]))

    assert still.place == 3
    assert found(still).allows is Verdict.INSUFFICIENT
