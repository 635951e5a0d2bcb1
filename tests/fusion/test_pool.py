"""One moment and many, tiers, evidence, and what a conviction shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.core.values.conviction import Conviction, Evidence, Tier
from assay.core.values.forecast import PROBABILITIES, Classes, Forecast
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.fusion.conviction import fuse
from assay.fusion.evidence import Floats, Moments, Producer, logit
from assay.fusion.fit import fit
from assay.fusion.fitted import FittedFusion
from assay.fusion.pool import EVIDENCE, TIERS, Pooled, fuse_many
from assay.fusion.settings import FusionSettings
from tests.fusion.worlds import HORIZON, gaussian

UNHURRIED = settings(deadline=None, max_examples=50)
AS_OF = datetime(2024, 5, 6, 12, tzinfo=UTC)
TIMEFRAMES = (Timeframe.H1, Timeframe.H4, Timeframe.M15)
COUNT = 6


def producers() -> tuple[Producer, ...]:
    families = ("linear", "trees", "nets")
    return tuple(
        Producer(f"m{i}", families[i % 3], TIMEFRAMES[i // 2], f"artefact-{i}")
        for i in range(COUNT)
    )


@cache
def pool(*, proven: bool = True) -> FittedFusion:
    history = gaussian(4000, COUNT, 0.3, 0.4, seed=1)
    moments = replace(history.moments, producers=producers())
    fitted = fit(replace(history, moments=moments), FusionSettings(draws=50))
    assert fitted.proven
    assert all(c >= 0 for c in fitted.cluster)
    return replace(fitted, proven=proven)


def row(p_up: Floats, age_bars: Floats | None = None) -> Moments:
    p = np.atleast_2d(p_up)
    return Moments(
        producers(),
        np.arange(len(p), dtype=np.int64),
        p,
        np.full(COUNT, 0.5),
        np.zeros(p.shape) if age_bars is None else age_bars,
        (p - 0.5) * 0.8,
        np.full(COUNT, 60.0 * HORIZON),
    )


def forecast(i: int, p_up: float, *, age_bars: float = 0.0, symbol: str = "EURUSD") -> Forecast:
    producer = producers()[i]
    median = (p_up - 0.5) * 0.8
    return Forecast(
        member=producer.member,
        family=producer.family,
        symbol=symbol,
        timeframe=producer.timeframe,
        horizon_bars=4,
        made_at=AS_OF - age_bars * producer.timeframe.length,
        quantiles={q: median + (q - 0.5) * 3 for q in PROBABILITIES},
        volatility=0.002,
        classes=Classes((1 - p_up) * 0.8, 0.2, p_up * 0.8),
        raw=Classes(0.4, 0.2, 0.4),
        base=Classes(0.4, 0.2, 0.4),
        artefact=producer.artefact,
    )


def conviction(p_up: list[float], **how: object) -> Conviction:
    said = [forecast(i, p) for i, p in enumerate(p_up) if np.isfinite(p)]
    return fuse(said, pool(), as_of=AS_OF, volatility=0.002, **how)  # type: ignore[arg-type]  # keywords of fuse


def tier_of(pooled: Pooled) -> Tier:
    return TIERS[int(pooled.tier[0])]


@UNHURRIED
@given(
    p=st.lists(st.floats(0.02, 0.98), min_size=COUNT, max_size=COUNT),
    ages=st.lists(st.floats(0, 9), min_size=COUNT, max_size=COUNT),
    silent=st.sets(st.integers(0, COUNT - 1)),
)
def test_one_moment_is_a_row_of_many(p: list[float], ages: list[float], silent: set[int]) -> None:
    said = [forecast(i, p[i], age_bars=ages[i]) for i in range(COUNT) if i not in silent]
    probabilities = np.array([[x if i not in silent else np.nan for i, x in enumerate(p)]] * 3)
    held = {f"artefact-{i}": ages[i] for i in range(COUNT)}

    one = fuse(said, pool(), as_of=AS_OF, volatility=0.002, ages=held)
    many = fuse_many(row(probabilities, np.array([ages] * 3)), pool())

    for name in ("probability", "low", "high", "base", "log_odds", "score", "expected_move"):
        assert getattr(one, name) == pytest.approx(getattr(many, name)[2], abs=1e-12)
    assert one.tier is TIERS[int(many.tier[2])]
    assert one.evidence is EVIDENCE[int(many.evidence[2])]
    assert [part.part for part in one.parts] == pytest.approx(many.part[2], abs=1e-12)


@UNHURRIED
@given(p=st.lists(st.floats(0.02, 0.98), min_size=COUNT, max_size=COUNT))
def test_the_parts_add_up_to_what_was_moved(p: list[float]) -> None:
    made = conviction(p)

    moved = made.log_odds - float(logit(np.array(made.base)))
    assert sum(part.part for part in made.parts) == pytest.approx(moved, abs=1e-12)
    assert sum(part.weight for part in made.parts) == pytest.approx(1.0)


@UNHURRIED
@given(
    p=st.lists(st.floats(0.02, 0.98), min_size=COUNT, max_size=COUNT),
    at=st.integers(0, COUNT - 1),
    more=st.floats(0, 0.5),
)
def test_a_member_that_rises_never_lowers_the_probability(
    p: list[float], at: int, more: float
) -> None:
    raised = [*p]
    raised[at] = min(0.98, p[at] + more)

    assert conviction(raised).probability >= conviction(p).probability - 1e-12


@UNHURRIED
@given(p=st.lists(st.floats(0.02, 0.98), min_size=COUNT, max_size=COUNT))
def test_turned_round_it_is_the_other_side_as_strongly(p: list[float]) -> None:
    there, back = conviction(p), conviction([1 - x for x in p])

    assert back.probability == pytest.approx(1 - there.probability, abs=1e-12)
    assert back.agreement == pytest.approx(there.agreement, abs=1e-6)
    assert back.score == pytest.approx(there.score, abs=1e-6)


def test_a_row_answers_alone() -> None:
    p = np.random.default_rng(2).uniform(0.3, 0.7, (500, COUNT))

    many, few = fuse_many(row(p), pool()), fuse_many(row(p[:7]), pool())

    for name in ("log_odds", "low", "high", "score", "agreement", "part"):
        assert np.array_equal(getattr(many, name)[:7], getattr(few, name), equal_nan=True)


def test_united_strong_families_are_high() -> None:
    made = conviction([0.7] * COUNT)

    assert (made.tier, made.evidence) == (Tier.HIGH, Evidence.PROVEN)
    assert made.score == pytest.approx(100.0, abs=1.0)
    assert made.agreement is not None
    assert made.agreement > 90
    assert made.reasons == ()


def test_one_family_alone_is_never_high() -> None:
    same = replace(pool(), producers=tuple(replace(p, family="nets") for p in producers()))
    moments = replace(row(np.full(COUNT, 0.7)), producers=same.producers)

    made = fuse_many(moments, same)

    assert tier_of(made) is Tier.MODERATE
    assert made.one_family[0]


def test_strong_members_that_contradict_each_other_are_divergent() -> None:
    made = conviction([0.75, 0.75, 0.75, 0.25, 0.25, 0.25])

    assert made.tier is Tier.DIVERGENT
    assert Reason.DIVERGENT in made.reasons


def test_faint_members_that_contradict_each_other_are_only_low() -> None:
    assert conviction([0.501, 0.501, 0.501, 0.499, 0.499, 0.499]).tier is Tier.LOW


def test_an_old_feed_is_stale_whatever_was_proven() -> None:
    made = conviction([0.7] * COUNT, stale=True)

    assert made.evidence is Evidence.STALE
    assert Reason.STALE in made.reasons


def test_without_any_forecast_there_is_no_evidence() -> None:
    made = conviction([float("nan")] * COUNT)

    assert (made.evidence, made.tier, made.score) == (Evidence.NONE, Tier.LOW, 0.0)
    assert made.probability == pytest.approx(0.5)
    assert {part.reason for part in made.parts} == {Reason.NOT_FINITE}


def test_most_of_the_proven_pool_must_be_there() -> None:
    alone = conviction([0.7, *[float("nan")] * (COUNT - 1)])

    assert alone.evidence is Evidence.UNPROVEN
    assert alone.agreement is None


def test_an_unproven_pool_says_so() -> None:
    made = fuse(
        [forecast(i, 0.7) for i in range(COUNT)],
        pool(proven=False),
        as_of=AS_OF,
        volatility=0.002,
    )

    assert made.evidence is Evidence.UNPROVEN
    assert Reason.UNPROVEN in made.reasons


def test_who_has_not_passed_the_gate_is_shown_and_weighs_nothing() -> None:
    promoted = frozenset(f"artefact-{i}" for i in range(COUNT) if i != 2)

    made = conviction([0.6] * COUNT, promoted=promoted)

    assert made.parts[2].reason is Reason.NOT_PROMOTED
    assert made.parts[2].evidence > 0
    assert (made.parts[2].weight, made.parts[2].part) == (0.0, 0.0)
    assert Reason.NOT_PROMOTED in made.reasons


def test_a_model_the_fusion_does_not_know_is_shown_and_weighs_nothing() -> None:
    retrained = replace(forecast(0, 0.9), artefact="artefact-new")
    said = [*(forecast(i, 0.6) for i in range(COUNT)), retrained]

    made = fuse(said, pool(), as_of=AS_OF, volatility=0.002)

    assert made.parts[-1].reason is Reason.MISSING_MODEL
    assert made.log_odds == conviction([0.6] * COUNT).log_odds


def test_the_latest_forecast_of_a_producer_counts() -> None:
    old = [forecast(i, 0.3, age_bars=1) for i in range(COUNT)]
    new = [forecast(i, 0.6) for i in range(COUNT)]

    made = fuse([*new, *old], pool(), as_of=AS_OF, volatility=0.002)

    assert made.log_odds == conviction([0.6] * COUNT).log_odds


def test_a_forecast_from_the_future_is_refused() -> None:
    late = replace(forecast(0, 0.6), made_at=AS_OF + timedelta(seconds=1))

    with pytest.raises(DataError, match="after the decision"):
        fuse([late], pool(), as_of=AS_OF, volatility=0.002)


def test_a_forecast_of_another_market_is_refused() -> None:
    with pytest.raises(DataError, match="GBPUSD"):
        fuse([forecast(0, 0.6, symbol="GBPUSD")], pool(), as_of=AS_OF, volatility=0.002)


def test_other_producers_than_were_fitted_are_refused() -> None:
    moments = row(np.full(COUNT, 0.6))
    other = replace(moments, producers=tuple(reversed(producers())))

    with pytest.raises(DataError, match="refit"):
        fuse_many(other, pool())


def test_agreement_is_shown_for_every_timeframe() -> None:
    made = conviction([0.6, 0.6, 0.7, 0.3, 0.55, 0.55])

    by = made.agreement_by_timeframe
    assert list(by) == [Timeframe.M15, Timeframe.H1, Timeframe.H4]
    hour, four_hours = by[Timeframe.H1], by[Timeframe.H4]
    assert hour is not None
    assert hour > 80
    assert four_hours is not None
    assert four_hours < 20


def test_the_pool_starts_from_the_climatology_of_its_own_horizon() -> None:
    base = np.array([0.5, 0.52, 0.52, 0.3, 0.3, 0.3])
    horizons = np.array([240.0, 240.0, 240.0, 60.0, 60.0, 60.0])
    moments = replace(row(np.full(COUNT, 0.6)), base=base, horizon_minutes=horizons)

    expected = (0.0 + float(logit(np.array(0.52)))) / 2
    assert logit(moments.pool_base(240.0)) == pytest.approx(np.array([expected]))


def test_the_score_is_the_percentile_in_the_fuse_spans_own_history() -> None:
    history = gaussian(4000, COUNT, 0.0, 0.4, seed=1)
    fitted = fit(history, FusionSettings(draws=20))
    pooled = fuse_many(history.moments, fitted)

    size = np.abs(pooled.shift)
    rank = 100 * (np.argsort(np.argsort(size)) / (len(size) - 1))
    agreed = np.where(np.isnan(pooled.agreement), 100.0, pooled.agreement)
    assert pooled.score == pytest.approx(rank * agreed / 100, abs=0.6)
