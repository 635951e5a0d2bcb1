"""Calibrated odds mean what they say, and say it again after a trip through JSON."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from assay.core.errors import ArtefactError, HistoryError, SettingsError
from assay.core.ids import canonical
from assay.models.calibration import (
    LONG_RUN,
    PRIOR_SPREAD,
    Calibration,
    Scaling,
    calibrate,
    logit,
    non_overlapping,
    up_if_moved,
)
from assay.models.contract import Raw, Samples
from assay.models.empirical import LEVELS

CHANCE = np.random.default_rng(12)
ROWS = 30_000


def outcomes(truth: np.ndarray, scaled: np.ndarray, weight: float = 1.0) -> Samples:
    """Return rows, an hour apart, that happened as `truth` (n, 3) says."""
    rows = len(truth)
    label = (CHANCE.random(rows)[:, None] > np.cumsum(truth, axis=1)).sum(axis=1)
    time = np.arange(rows) * 3_600_000_000
    return Samples(
        (), ("S",), time, time + 3_600_000_000, np.zeros(rows, np.int32), np.zeros((rows, 0)),
        scaled, label.astype(np.int8), np.full(rows, weight),
    )  # fmt: skip


def world(rows: int = ROWS, sharp: float = 1.0, bias: float = 0.0) -> tuple[Raw, Samples]:
    """Return raw odds `sharp` times too sharp and off by `bias`, and what came of the true ones."""
    edge = CHANCE.normal(size=rows) * 0.5
    flat = np.full(rows, 0.2)
    up = 1 / (1 + np.exp(-edge))
    truth = np.stack([(1 - up) * 0.8, flat, up * 0.8], axis=1)
    told = 1 / (1 + np.exp(-(edge * sharp + bias)))
    raw = np.stack([(1 - told) * 0.8, flat, told * 0.8], axis=1)
    spread = np.tile(np.linspace(-1, 1, len(LEVELS)), (rows, 1))
    return Raw(spread, raw), outcomes(truth, CHANCE.normal(size=rows))


def test_sharpness_and_bias_are_undone() -> None:
    raw, rows = world(sharp=2.5, bias=0.4)

    found = calibrate(raw, rows)

    assert isinstance(found.moved_up, Scaling)
    assert found.moved_up.slope == pytest.approx(0.4, abs=0.03)
    assert found.moved_up.offset == pytest.approx(-0.4 * 0.4, abs=0.04)
    assert found.log_loss_after < found.log_loss_before
    assert found.log_loss_after < found.log_loss_base


def up_share(rates: np.ndarray) -> float:
    return float(rates[2] / (rates[0] + rates[2]))


def shifted_rates(rows: int, up: float) -> Samples:
    truth = np.tile([0.8 * (1 - up), 0.2, 0.8 * up], (rows, 1))
    return outcomes(truth, CHANCE.normal(size=rows))


def test_the_base_lies_between_the_span_and_the_long_run_by_their_outcomes() -> None:
    raw, rows = world(rows=2500)
    before = [shifted_rates(40_000, 0.4), shifted_rates(10_000, 0.4)]

    own, drawn = calibrate(raw, rows), calibrate(raw, rows, earlier=before)

    moved = int((rows.label != 1).sum())
    label = np.concatenate([rows.label, *(each.label for each in before)])
    long_run = (label == 2).sum() / (label != 1).sum()
    middle = (moved * up_share(np.array(own.base)) + LONG_RUN * long_run) / (moved + LONG_RUN)
    assert up_share(np.array(drawn.base)) == pytest.approx(middle, abs=1e-4)
    assert drawn.base[1] == own.base[1]
    assert sum(drawn.base) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_answers_move_with_the_base_and_keep_their_distance_from_it(method: str) -> None:
    raw, rows = world(rows=4000)
    before = [shifted_rates(20_000, 0.35)]

    own = calibrate(raw, rows, method=method)
    drawn = calibrate(raw, rows, method=method, earlier=before)

    left, right = (
        logit(up_if_moved(each.apply(raw).classes)) - logit(np.array(up_share(np.array(each.base))))
        for each in (own, drawn)
    )
    np.testing.assert_allclose(right, left, atol=1e-9 if method == "temperature" else 2e-3)
    np.testing.assert_array_equal(own.apply(raw).classes[:, 1], drawn.apply(raw).classes[:, 1])


def test_a_span_that_rose_by_chance_is_believed_less_where_much_was_seen_before() -> None:
    up_then = shifted_rates(1250, 0.59)
    raw = Raw(np.zeros((1250, len(LEVELS))), np.tile([0.4, 0.2, 0.4], (1250, 1)))
    later = shifted_rates(20_000, 0.49)

    own = calibrate(raw, up_then)
    drawn = calibrate(raw, up_then, earlier=[shifted_rates(20_000, 0.5)])

    truth = (later.label == 2).sum() / (later.label != 1).sum()
    own_miss, drawn_miss = (abs(up_share(np.array(each.base)) - truth) for each in (own, drawn))
    assert drawn_miss < 0.65 * own_miss


def test_earlier_rows_without_an_outcome_teach_nothing() -> None:
    raw, rows = world(rows=1000)
    unknown = replace(shifted_rates(500, 0.9), label=np.full(500, -1, np.int8))

    assert calibrate(raw, rows, earlier=[unknown]) == calibrate(raw, rows)


def test_it_is_the_logistic_regression_of_scikit_learn() -> None:
    raw, rows = world(rows=5000, sharp=0.3)
    moved = rows.label != 1

    found = calibrate(raw, rows).moved_up

    evidence = logit(up_if_moved(raw.classes))[moved][:, None]
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(evidence, rows.label[moved] == 2)
    assert isinstance(found, Scaling)
    # the prior and half an outcome each way move a slope that 4,000 outcomes tell by very little
    assert found.slope == pytest.approx(oracle.coef_[0, 0], abs=0.05)
    assert found.offset == pytest.approx(oracle.intercept_[0], abs=0.01)


def test_a_member_that_points_the_wrong_way_becomes_the_base_rate() -> None:
    raw, rows = world(sharp=-1.0)

    found = calibrate(raw, rows)
    told = found.apply(raw).classes

    assert isinstance(found.moved_up, Scaling)
    assert found.moved_up.slope == 0
    share = (rows.label == 2).sum() / (rows.label != 1).sum()
    np.testing.assert_allclose(up_if_moved(told), share, atol=1e-3)


def test_faint_evidence_is_not_blown_up() -> None:
    raw, rows = world(rows=600, sharp=1e-7)

    found = calibrate(raw, rows).moved_up

    assert isinstance(found, Scaling)
    assert 0 < found.slope < 1 + 2 * PRIOR_SPREAD


def test_calibrated_odds_are_honest_on_new_rows() -> None:
    raw, rows = world(sharp=3.0)
    found = calibrate(raw, rows)
    new, then = world(sharp=3.0)

    told = up_if_moved(found.apply(new).classes)

    moved = then.label != 1
    for low, high in ((0.0, 0.35), (0.35, 0.5), (0.5, 0.65), (0.65, 1.0)):
        inside = moved & (told >= low) & (told < high)
        came = (then.label[inside] == 2).mean()
        assert came == pytest.approx(told[inside].mean(), abs=0.03)


def test_isotonic_bends_what_scaling_cannot() -> None:
    raw, rows = world()
    bent = raw.classes.copy()
    up = up_if_moved(bent) ** 5
    bent[:, 2], bent[:, 0] = up * 0.8, (1 - up) * 0.8
    crooked = Raw(raw.quantiles, bent)

    found = calibrate(crooked, rows, method="isotonic")

    assert found.log_loss_after < calibrate(crooked, rows).log_loss_after
    told = up_if_moved(found.apply(crooked).classes)
    np.testing.assert_allclose(told.mean(), up_if_moved(raw.classes).mean(), atol=0.02)
    assert (np.diff(told[np.argsort(up)]) >= -1e-12).all()


def test_isotonic_needs_a_thousand_outcomes() -> None:
    raw, rows = world(rows=900)

    with pytest.raises(HistoryError, match="found 900"):
        calibrate(raw, rows, method="isotonic")


def test_overlapping_outcomes_do_not_make_a_thousand() -> None:
    raw, rows = world(rows=5000)
    long = replace(rows, t1=rows.time + 12 * 3_600_000_000)

    with pytest.raises(HistoryError, match="found 417"):
        calibrate(raw, long, method="isotonic")


def test_quantiles_cover_what_they_promise_on_new_rows() -> None:
    raw, rows = world()
    found = calibrate(raw, rows)
    new, then = world()

    below = (then.scaled[:, None] <= found.apply(new).quantiles).mean(axis=0)

    np.testing.assert_allclose(below, LEVELS, atol=0.012)


def test_too_few_rows_are_refused_with_both_numbers() -> None:
    raw, rows = world(rows=30)

    with pytest.raises(HistoryError, match=r"needs 50 .* found 30 of 30"):
        calibrate(raw, rows)
    with pytest.raises(SettingsError, match="was 'magic'"):
        calibrate(raw, rows, method="magic")


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_unanswered_rows_stay_unanswered(method: str) -> None:
    raw, rows = world(rows=2500)
    raw.classes[7], raw.quantiles[7] = np.nan, np.nan

    told = calibrate(raw, rows, method=method).apply(raw)

    assert np.isnan(told.classes[7]).all()
    assert np.isnan(told.quantiles[7]).all()
    assert np.isfinite(np.delete(told.classes, 7, axis=0)).all()


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_json_and_back_is_the_same_to_the_bit(method: str) -> None:
    raw, rows = world(rows=2500)
    found = calibrate(raw, rows, method=method)

    again = Calibration.of_json(json.loads(canonical(found.as_json())))

    assert again == found
    np.testing.assert_array_equal(again.apply(raw).classes, found.apply(raw).classes)


def test_json_with_a_field_too_few_or_too_many_is_refused() -> None:
    raw, rows = world(rows=200)
    data = calibrate(raw, rows).as_json()

    with pytest.raises(ArtefactError, match=r"calibration.base"):
        Calibration.of_json({key: value for key, value in data.items() if key != "base"})
    with pytest.raises(ArtefactError, match=r"calibration.colour"):
        Calibration.of_json(data | {"colour": "red"})
    with pytest.raises(ArtefactError, match=r"calibration.moved_up"):
        Calibration.of_json(data | {"moved_up": {"tilt": 1.0}})


@settings(max_examples=200, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=30),
)
def test_the_most_outcomes_that_do_not_overlap_are_counted(spans: list[tuple[int, int]]) -> None:
    begins = np.array([begin for begin, _ in spans], dtype=np.int64)
    ends = np.array([begin + length for begin, length in spans], dtype=np.int64)

    best = [0] * 100  # best[t]: the most of them that end by t, by trying every last one
    for now in range(1, 100):
        last = [best[b] + 1 for b, e in zip(begins, ends, strict=True) if e == now]
        best[now] = max([best[now - 1], *last])

    assert non_overlapping(begins, ends) == best[99]


def test_rows_of_many_series_at_one_time_count_once() -> None:
    time = np.repeat(np.arange(50) * 4, 19)

    assert non_overlapping(time, time + 4) == 50
