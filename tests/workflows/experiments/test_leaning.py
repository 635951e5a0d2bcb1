"""Which way answers lean, what that is worth, and from which sureness on it is acted upon."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from assay.core.values.conviction import Tier
from assay.fusion.pool import TIERS
from assay.models.calibration import Calibration, Scaling
from assay.models.contract import Raw
from assay.models.empirical import LEVELS
from assay.workflows.experiments.labelled import Question
from assay.workflows.experiments.leaning import (
    FAINTEST,
    Leaning,
    Said,
    leaning_of,
    opinions_of,
    slope_of,
    sureness,
    threshold_of,
    without_skill,
)
from assay.workflows.gather import Prepared
from tests.workflows.experiments.worlds import LABELS, after, altered, experiment, pair, prepared

BASE = (0.5, 0.1, 0.4)
Floats = NDArray[np.float64]
shares = st.floats(0.01, 0.98)


def calibration(base: tuple[float, float, float] = BASE) -> Calibration:
    """Return one whose climatology is `base`, from 400 outcomes."""
    same = Scaling(1.0, 0.0)
    nothing = (0.0,) * len(LEVELS)
    return Calibration("temperature", same, same, nothing, base, 400, 400, 1.0, 1.0, 1.0)


def said(kind: str, classes: Sequence[Sequence[float]], side: int = 1) -> Said:
    """Return answers of `classes` (n, 3) about a label."""
    asked = np.array(classes, dtype=np.float64)
    question = Question.of(experiment(label=dict(LABELS[kind])), side)
    return Said(question, calibration(), Raw(np.zeros((len(asked), len(LEVELS))), asked))


@cache
def prepared_once() -> Prepared:
    """Return one small series; a law asks for it many times."""
    return prepared(pair(300))


def leaning(shift: Sequence[float]) -> Leaning:
    """Return a lean of `shift`, with nothing else known."""
    told = np.array(shift, dtype=np.float64)
    half = np.full(len(told), 0.5)
    return Leaning(told, half, half, np.zeros(len(told)), told)


@pytest.fixture(scope="module")
def item() -> Prepared:
    return prepared_once()


@given(up=st.lists(shares, min_size=1, max_size=20), flat=st.floats(0.0, 0.9))
def test_a_class_leans_up_where_up_is_likelier_than_usual(up: list[float], flat: float) -> None:
    item = prepared_once()
    classes = [((1 - u) * (1 - flat), flat, u * (1 - flat)) for u in up]

    found = leaning_of(
        experiment(), [said("direction", classes)], item, np.arange(100, 100 + len(up))
    )

    usual = BASE[2] / (BASE[0] + BASE[2])
    assert np.allclose(found.p_up, up)
    assert np.allclose(found.base_up, usual)
    apart = ~np.isclose(up, usual)
    assert (np.sign(found.shift) == np.sign(np.subtract(up, usual)))[apart].all()
    assert (np.diff(found.shift[np.argsort(up)]) >= -1e-9).all()
    assert np.allclose(found.error, np.sqrt(np.array(up) * (1 - np.array(up)) / 400))


def test_climatology_itself_leans_nowhere(item: Prepared) -> None:
    found = leaning_of(experiment(), [said("direction", [BASE])], item, np.array([120]))

    assert found.shift[0] == 0.0


def test_a_row_without_an_answer_leans_nowhere_known(item: Prepared) -> None:
    nothing = [[np.nan] * 3, [0.3, 0.1, 0.6]]

    found = leaning_of(experiment(), [said("direction", nothing)], item, np.array([120, 121]))

    assert np.isnan(found.shift).tolist() == [True, False]
    assert threshold_of(found, experiment()) == abs(found.shift[1])


@pytest.mark.parametrize("mean", [-0.4, 0.0, 0.3])
def test_quantiles_of_a_normal_lean_by_its_mean(item: Prepared, mean: float) -> None:
    asked = experiment(label=dict(LABELS["quantiles"]))
    quantiles = stats.norm(mean, 1.0).ppf(LEVELS)[None, :]
    question = Question.of(asked)
    answers = Said(question, calibration(), Raw(quantiles, np.array([BASE])))

    found = leaning_of(asked, [answers], item, np.array([120]))

    assert found.shift[0] == pytest.approx(mean, abs=1e-9)
    assert found.move[0] == found.shift[0]
    assert found.p_up[0] == pytest.approx(stats.norm(mean, 1.0).sf(0.0), abs=0.02)


def test_a_barrier_leans_to_the_side_that_is_worth_more(item: Prepared) -> None:
    asked = experiment(
        label={**LABELS["triple_barrier"], "stop": "2 atr", "profit_target": "3 atr"}
    )
    long = said("triple_barrier", [[0.3, 0.1, 0.6], [0.6, 0.2, 0.2], [0.9, 0.1, 0.0]], 1)
    short = said("triple_barrier", [[0.6, 0.1, 0.3], [0.3, 0.1, 0.6], [0.8, 0.2, 0.0]], -1)
    rows = np.array([150, 151, 152])

    found = leaning_of(asked, [long, short], item, rows)

    worth_long = np.array([0.6 * 3 - 0.3 * 2, 0.2 * 3 - 0.6 * 2, -1.8])
    worth_short = np.array([0.3 * 3 - 0.6 * 2, 0.6 * 3 - 0.3 * 2, -1.6])
    assert found.shift == pytest.approx(worth_long - worth_short)
    close = item.bars.frame["close"].to_numpy()[rows]
    per_atr = item.atr[rows] / close / (item.volatility[rows] * np.sqrt(12))
    own = np.where(found.shift > 0, worth_long, -worth_short)
    assert found.move == pytest.approx(own * per_atr)
    assert found.p_up == pytest.approx([0.6 / 0.9, 1 - 0.6 / 0.9, 1.0])


@pytest.mark.parametrize(("sides", "side"), [("long", 1), ("short", -1)])
def test_a_side_that_may_not_be_taken_is_never_acted_on(
    item: Prepared, sides: str, side: int
) -> None:
    asked = experiment(trade={"sides": sides, "act_on": "50 %"})
    found = leaning([-3.0, 2.0, -1.0, 1.0, 0.5, -0.5])
    rows = np.arange(150, 156)

    opinions = opinions_of(found, asked, item, rows, threshold_of(found, asked))

    acted = opinions.tier == TIERS.index(Tier.HIGH)
    assert acted.any()
    assert (np.sign(found.shift[acted]) == side).all()
    assert (sureness(found, asked)[np.sign(found.shift) != side] == 0).all()


@given(
    shift=st.lists(st.floats(-5, 5), min_size=20, max_size=60, unique_by=abs),
    percent=st.integers(5, 100),
)
def test_the_most_decided_share_of_the_fuse_span_would_be_acted_on(
    shift: list[float], percent: int
) -> None:
    asked = experiment(trade={"act_on": f"{percent} %"})
    found = leaning(shift)

    threshold = threshold_of(found, asked)

    acted = int((np.abs(found.shift) >= threshold).sum())
    assert abs(acted - percent / 100 * len(shift)) <= 1


def test_who_said_nothing_never_acts(item: Prepared) -> None:
    found = leaning([np.nan, np.nan])

    threshold = threshold_of(found, experiment())

    assert threshold == float("inf")
    later = opinions_of(leaning([9.0]), experiment(), item, np.array([150]), threshold)
    assert later.tier.tolist() == [TIERS.index(Tier.LOW)]


def test_who_leans_nowhere_never_acts(item: Prepared) -> None:
    found = leaning([0.0, 0.0, 0.0])

    opinions = opinions_of(
        found, experiment(), item, np.array([150, 151, 152]), threshold_of(found, experiment())
    )

    assert (opinions.tier == TIERS.index(Tier.LOW)).all()


@given(seed=st.integers(0, 1000), slope=st.floats(-2, 2))
def test_the_worth_of_a_lean_is_weighted_least_squares(seed: int, slope: float) -> None:
    chance = np.random.default_rng(seed)
    shift, weight = chance.normal(size=60), chance.uniform(0.1, 1.0, 60)
    scaled = slope * shift + 0.1 * chance.normal(size=60)
    scaled[:3], shift[3:6] = np.nan, np.nan

    found = slope_of(shift, scaled, weight)

    known = np.isfinite(shift) & np.isfinite(scaled)
    root = np.sqrt(weight[known])
    oracle = np.linalg.lstsq((root * shift[known])[:, None], root * scaled[known], rcond=None)[0][0]
    assert found == pytest.approx(max(oracle, FAINTEST), rel=1e-9)


def test_a_lean_that_no_outcome_followed_is_worth_next_to_nothing() -> None:
    nothing = np.full(5, np.nan)

    assert slope_of(np.arange(5.0), nothing, np.ones(5)) == FAINTEST
    assert slope_of(np.zeros(5), np.ones(5), np.ones(5)) == FAINTEST


def test_what_needs_no_model_reads_the_past_alone() -> None:
    bars = pair(300)
    item = prepared(bars)
    rows = np.arange(0, 200)
    later = prepared(altered(bars, after(bars, bars.frame["time"][199])))
    base = np.full(200, 0.6)

    naive, momentum = without_skill(item, rows, base, 4)
    again = without_skill(later, rows, base, 4)

    assert (naive.shift == 1.0).all()
    assert np.isnan(momentum.shift[:4]).all()
    close = bars.frame["close"].to_numpy()
    assert (momentum.shift[4:] == np.sign(close[4:200] - close[:196])).all()
    assert again[1].shift.tobytes() == momentum.shift.tobytes()
