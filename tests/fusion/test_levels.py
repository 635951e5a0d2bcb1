"""A base that is off, or drifts, is nobody's skill: what is left of evidence without its level."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from assay.fusion.evidence import Floats, levels
from assay.fusion.fit import fit
from assay.fusion.settings import FusionSettings
from tests.fusion.worlds import HORIZON, HOUR, drifting, history_of, with_columns, world

QUICK = FusionSettings(draws=20)
LEANINGS = ("always", "steadily", "walk")
MOVINGS = ("before", "after", "slowly")
SPAN = HORIZON * HOUR
TIME = np.arange(24 * 90, dtype=np.int64) * HOUR
DAY = TIME // (24 * HOUR)


def proven_rates(fits: int, rows: tuple[int, ...]) -> dict[str, float]:
    """Return how often each kind of leaning is proven, over all ways in which the base moves."""
    proven: dict[str, list[bool]] = {leaning: [] for leaning in LEANINGS}
    for leaning, (number, moving) in itertools.product(LEANINGS, enumerate(MOVINGS)):
        for seed in range(fits):
            size = rows[seed % len(rows)]
            shape = {"leaning": leaning, "moving": moving}
            history = drifting(size, 4, seed=1000 * number + seed, **shape)
            proven[leaning].append(fit(history, QUICK).proven)
    return {leaning: float(np.mean(found)) for leaning, found in proven.items()}


def test_when_the_base_comes_down_whoever_leans_down_is_not_proven() -> None:
    rates = proven_rates(14, (2500, 4000))

    assert max(rates.values()) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 42)
    assert np.mean(list(rates.values())) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 126)


@pytest.mark.slow
def test_when_the_base_comes_down_whoever_leans_down_is_not_proven_in_many_worlds() -> None:
    rates = proven_rates(100, (2500, 6000))

    assert np.mean(list(rates.values())) <= 0.05


@pytest.mark.parametrize("moving", MOVINGS)
def test_a_level_that_suits_the_market_better_than_the_base_earns_nothing(moving: str) -> None:
    history = drifting(6000, 4, seed=3, leaning="always", moving=moving)

    fitted = fit(history, QUICK)

    skill, error = np.array(fitted.skill), np.array(fitted.skill_error)
    assert (skill < 2 * error + 5e-4).all()
    assert fitted.proof.gain < 2 * fitted.proof.gain_error


@pytest.mark.parametrize("lean", [-0.4, 0.25])
def test_leaning_all_the_time_changes_neither_weights_nor_proof(lean: float) -> None:
    history = world(4000, 4, correlation=0.4, skill=0.15, seed=5)
    leaning = history_of(history.moments.evidence + lean, history.outcome)

    upright, tilted = fit(history, QUICK), fit(leaning, QUICK)

    assert tilted.slope == pytest.approx(upright.slope, abs=1e-9)
    assert tilted.strength == pytest.approx(upright.strength, abs=1e-12)
    assert tilted.proof.p_value == pytest.approx(upright.proof.p_value, abs=1e-9)
    assert tilted.proof.gain == pytest.approx(upright.proof.gain, abs=1e-12)


def test_outcomes_before_anyone_spoke_do_not_count_for_the_proof() -> None:
    history = world(3000, 3, skill=0.8, seed=7)  # 750 outcomes that do not overlap
    said = history.moments.p_up.copy()
    said[:2600] = np.nan  # 100 of them are left
    late = replace(history, moments=replace(history.moments, p_up=said))

    fitted = fit(late, QUICK)

    assert fitted.effective_outcomes == 750
    assert fitted.proof.p_value < 0.01
    assert not fitted.proven


def line(memory: float, values: Floats, until: int) -> float:
    """Return the discounted line of the days before `until` at its start, by least squares."""
    age = (DAY[until] - DAY[:until] - 0.5) * 24 / HORIZON
    weight = np.exp(-(DAY[until] - 1 - DAY[:until]) * 24 / HORIZON / memory)
    design = np.column_stack([np.ones(until), age]) * np.sqrt(weight)[:, None]
    held = [0.0, np.sqrt(weight.sum()) * memory / 2]  # a row that draws the slope toward nothing
    target = np.append(values[:until] * np.sqrt(weight), 0.0)
    return float(np.linalg.lstsq(np.vstack([design, held]), target)[0][0])


@pytest.mark.parametrize("day", [30, 60, 89])
def test_the_level_is_the_discounted_line_of_the_days_before(day: int) -> None:
    values = np.random.default_rng(9).normal(size=(len(TIME), 1)).cumsum(axis=0)

    found = levels(values, TIME, DAY, SPAN, memory=150.0)

    first = 24 * day
    assert found[first : first + 24, 0] == pytest.approx(line(150.0, values[:, 0], first), rel=1e-9)


def test_of_a_steady_drift_less_than_half_of_what_a_mean_leaves_is_left() -> None:
    a_day = np.array([0.01, -0.002])
    values = 0.3 + a_day * TIME[:, None] / (24 * HOUR)

    left = np.abs(values - levels(values, TIME, DAY, SPAN, memory=150.0))

    of_a_mean = 150.0 / (24 / HORIZON) * np.abs(a_day)  # its age is one memory
    assert (left[24 * 60 :] <= of_a_mean / 2).all()
    assert np.isnan(left[:24]).all()


@pytest.mark.parametrize("known", [25, 700, 1500])
def test_levels_stay_when_the_future_arrives(known: int) -> None:
    values = np.random.default_rng(11).normal(size=(len(TIME), 3))
    values[::7, 1] = np.nan

    then = levels(values[:known], TIME[:known], DAY[:known], SPAN)
    now = levels(values, TIME, DAY, SPAN)[:known]

    np.testing.assert_array_equal(then, now)


def test_where_a_day_has_many_outcomes_the_memory_is_still_weeks_long() -> None:
    minutes = np.arange(1440 * 60, dtype=np.int64) * (HOUR // 60)
    day = minutes // (24 * HOUR)
    values = np.where(day < 40, 0.0, 1.0)[:, None]  # up by one on the fortieth day

    found = levels(values, minutes, day, 4 * HOUR / 60)[::1440, 0]

    assert found[41] == pytest.approx(0.0, abs=0.25)
    assert 0.3 < found[50] < 0.95


def test_a_row_does_not_look_at_its_own_day() -> None:
    values = np.random.default_rng(13).normal(size=(len(TIME), 2))
    other = values.copy()
    other[24 * 50 :] += 9.0

    left, right = (levels(each, TIME, DAY, SPAN) for each in (values, other))

    np.testing.assert_array_equal(left[: 24 * 51], right[: 24 * 51])
    assert (left[24 * 51 :] != right[24 * 51 :]).all()


def test_a_silent_producer_has_no_level_and_disturbs_no_other() -> None:
    values = np.random.default_rng(15).normal(size=(len(TIME), 2))
    values[:, 1] = np.nan

    found = levels(values, TIME, DAY, SPAN)

    assert np.isnan(found[:, 1]).all()
    np.testing.assert_array_equal(found[:, :1], levels(values[:, :1], TIME, DAY, SPAN))


def test_a_clone_has_the_level_of_its_original() -> None:
    history = with_columns(world(2000, 2, seed=17), [0, 1, 0])

    left = history.timing

    np.testing.assert_array_equal(left[:, 0], left[:, 2])
