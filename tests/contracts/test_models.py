"""What every member promises; members are found by themselves."""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

from assay.core.errors import ArtefactError, DataError, HistoryError, SettingsError
from assay.models.catalog import MEMBERS, RUNTIMES
from assay.models.contract import Asked, Member, Raw, Samples, Weights
from assay.models.fitting import Fitted, fit_member
from assay.models.scores import log_loss, scorecard
from tests.factories import make_samples, with_x

ROWS = {"train": 4000, "stop": 1200, "calibrate": 2400, "test": 6000}
SKILLED = 0.2
SKILLESS_MARGIN = 0.006
"""Nats a row: 2400 rows hold 600 outcomes, so six fitted numbers cost about 6 / 1200 nats."""


def spans(edge: float, seed: int = 0) -> dict[str, Samples]:
    """Return the four spans, purged by the gap between them, of a world with a planted edge."""
    start, made = 0, {}
    for number, (name, rows) in enumerate(ROWS.items()):
        made[name] = make_samples(rows, edge=edge, start=start, seed=100 * seed + number)
        start += rows + 10
    return made


@cache
def world(edge: float, seed: int = 0) -> dict[str, Samples]:
    return spans(edge, seed)


@cache
def fitted(name: str, edge: float, seed: int = 0) -> Fitted:
    return fit(MEMBERS.get(name)(), world(edge, seed))


def fit(member: Member, given: dict[str, Samples], *, threads: int = 1) -> Fitted:
    learned = {key: given[key] for key in ("train", "stop", "calibrate")}
    return fit_member(member, learned, seed=5, threads=threads)


def gain(model: Fitted, rows: Samples) -> float:
    """Return the log-loss of the calibrated base rates less the member's own, nats a row."""
    _, calibrated = model.predict(rows.asked)
    known = np.isfinite(calibrated.classes[:, 0]) & (rows.label >= 0)
    label, even = rows.label[known], np.ones(int(known.sum()))
    base = np.tile(model.calibration.base, (len(label), 1))
    return log_loss(base, label, even) - log_loss(calibrated.classes[known], label, even)


def reads_features(model: Fitted) -> bool:
    empty = np.full((1, model.runtime.bars_read, len(model.columns)), np.nan)
    asked = Asked.windows(empty, np.zeros(1, dtype=np.int32), (("S0", "1h"),))
    return bool(np.isnan(model.runtime.predict(asked).classes).any())


def same(one: Weights, other: Weights) -> bool:
    def told(weights: Weights) -> list[object]:
        arrays = {f"arrays.{name}": array for name, array in weights.arrays.items()}
        arrays |= {f"scaler.{name}": array for name, array in weights.scaler.items()}
        bytes_of = {name: (a.dtype.str, a.shape, a.tobytes()) for name, a in arrays.items()}
        return [bytes_of, dict(weights.texts), dict(weights.params), dict(weights.graphs)]

    return told(one) == told(other)


@pytest.fixture(params=MEMBERS.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_same_seed_same_bytes_whatever_the_threads(name: str) -> None:
    given = world(SKILLED)

    again = fit(MEMBERS.get(name)(), given, threads=2)

    assert same(fitted(name, SKILLED).weights, again.weights)
    assert fitted(name, SKILLED).calibration == again.calibration


def test_a_member_that_says_so_is_the_same_with_every_seed(name: str) -> None:
    member, given = MEMBERS.get(name)(), world(SKILLED)
    learned = {span: given[span] for span in ("train", "stop", "calibrate")}

    if not member.random:
        one, other = (fit_member(member, learned, seed=seed) for seed in (1, 2))
        assert same(one.weights, other.weights)


def later(edge: float) -> dict[str, Samples]:
    """Return a learning world that begins after the spans that `fitted` learned from."""
    return world(edge, seed=3)


def test_a_member_that_tunes_goes_on_from_its_weights(name: str) -> None:
    member, given = MEMBERS.get(name)(), later(SKILLED)
    if not member.tunes:
        with pytest.raises(SettingsError, match="fit it anew"):
            member.tune(
                fitted(name, SKILLED).weights, given["train"], given["stop"], seed=5, threads=1
            )
        return
    first = fitted(name, SKILLED)
    learned = {key: given[key] for key in ("train", "stop", "calibrate")}

    tuned = [
        fit_member(member, learned, seed=5, threads=threads, start=first.weights)
        for threads in (1, 2)
    ]
    other = fit_member(member, learned, seed=5, start=fitted(name, 0.0).weights)

    assert same(tuned[0].weights, tuned[1].weights)
    assert not same(tuned[0].weights, first.weights)
    assert not same(tuned[0].weights, other.weights)
    assert same(first.weights, fitted(name, SKILLED).weights)
    assert gain(tuned[0], given["test"]) > gain(first, given["test"]) - SKILLESS_MARGIN
    assert gain(tuned[0], given["test"]) > 0


def test_every_answer_is_a_distribution(name: str) -> None:
    model, asked = fitted(name, SKILLED), world(SKILLED)["test"].asked

    for answer in model.predict(asked):
        known = np.isfinite(answer.classes[:, 0])
        assert known.mean() > 0.9
        assert (np.diff(answer.quantiles[known], axis=1) >= 0).all()
        assert (answer.classes[known] >= 0).all()
        assert np.abs(answer.classes[known].sum(axis=1) - 1).max() < 1e-12


def test_a_row_is_answered_by_itself(name: str) -> None:
    model = fitted(name, SKILLED)
    asked = world(SKILLED)["test"].asked.take(np.arange(100, 303))
    order = np.random.default_rng(3).permutation(len(asked))
    column_major = replace(asked, table=np.asfortranarray(asked.table))
    alike = partial(np.testing.assert_allclose, rtol=0, atol=model.runtime.precision)

    for kind, answer in enumerate(model.predict(asked)):
        shuffled = model.predict(asked.take(order))[kind]
        alone = [model.predict(asked.take(np.array([row])))[kind] for row in range(40)]
        alike(shuffled.classes, answer.classes[order])
        alike(shuffled.quantiles, answer.quantiles[order])
        alike(model.predict(column_major)[kind].quantiles, answer.quantiles)
        alike(np.concatenate([one.classes for one in alone]), answer.classes[:40])
        alike(np.concatenate([one.quantiles for one in alone]), answer.quantiles[:40])


def test_what_comes_after_a_row_changes_no_answer(name: str) -> None:
    model, asked = fitted(name, SKILLED), world(SKILLED)["test"].asked.take(np.arange(100, 200))
    other = asked.table.copy()
    other[200:] = 7.0
    other[52:60] = np.nan if model.runtime.bars_read == 1 else other[52:60]

    for then, now in zip(
        model.predict(asked), model.predict(replace(asked, table=other)), strict=True
    ):
        np.testing.assert_array_equal(then.classes, now.classes)
        np.testing.assert_array_equal(then.quantiles, now.quantiles)


def test_the_bars_before_a_series_are_never_read(name: str) -> None:
    model, rows = fitted(name, SKILLED), world(SKILLED)["test"].asked.take(np.arange(300, 360))
    begun = replace(rows, begin=rows.at - model.runtime.bars_read + 1)
    short = replace(rows, begin=rows.at - model.runtime.bars_read + 2)
    table = rows.table.copy()
    table[: 300 - model.runtime.bars_read + 1] = 7.0

    whole, lacking = model.predict(begun)[0], model.predict(short)[0]

    np.testing.assert_array_equal(
        whole.classes, model.predict(replace(begun, table=table))[0].classes
    )
    if model.runtime.bars_read > 1:
        assert np.isnan(lacking.classes).all()


def test_a_row_is_answered_wholly_or_not_at_all(name: str) -> None:
    model, asked = fitted(name, SKILLED), world(SKILLED)["test"].asked.take(np.arange(100, 300))
    chance = np.random.default_rng(8)
    x = asked.table.copy()
    x[100:300][chance.random((200, x.shape[1])) < 0.1] = np.nan
    x[200:300][chance.random((100, x.shape[1])) < 0.4] = np.nan
    x[100:105] = np.nan
    x[105:110, 0] = np.inf

    for answer in model.predict(replace(asked, table=x)):
        whole = np.concatenate([answer.quantiles, answer.classes], axis=1)
        unknown = np.isnan(whole)
        assert (unknown.all(axis=1) | ~unknown.any(axis=1)).all()
        assert not np.isinf(whole).any()
        assert unknown[:10].all() or not reads_features(model)
        assert not unknown[10:100].all()


def test_contributions_add_up_to_the_change_in_the_odds(name: str) -> None:
    model, asked = fitted(name, SKILLED), world(SKILLED)["test"].asked.take(np.arange(60))

    moved = model.runtime.contributions(asked)

    if moved is None:
        return
    classes = model.runtime.predict(asked).classes
    left = np.log(classes[:, 2] / classes[:, 0]) - moved.sum(axis=1)
    known = np.isfinite(left)
    assert moved.shape == asked.x.shape
    assert known.mean() > 0.9
    assert np.ptp(left[known]) < 1e-6


def test_infinities_are_refused(name: str) -> None:
    train = world(SKILLED)["train"]
    x = train.x.copy()
    x[17, 0] = np.inf
    member = MEMBERS.get(name)()

    if not reads_features(fitted(name, SKILLED)):
        member.fit(with_x(train, x), world(SKILLED)["stop"], seed=1, threads=1)
        return
    with pytest.raises(DataError, match="infinite in row 17"):
        member.fit(with_x(train, x), world(SKILLED)["stop"], seed=1, threads=1)


def test_too_little_history_is_refused_with_both_numbers(name: str) -> None:
    train = world(SKILLED)["train"].take(np.arange(20))

    with pytest.raises(HistoryError, match=r"needs [\d,]+ labelled rows .* found \d+ of 20"):
        MEMBERS.get(name)().fit(train, world(SKILLED)["stop"], seed=1, threads=1)


def test_outcomes_that_are_all_the_same_are_refused(name: str) -> None:
    train = world(SKILLED)["train"]
    up = replace(train, label=np.where(train.label >= 0, 2, -1).astype(np.int8))

    with pytest.raises(HistoryError, match="are up"):
        MEMBERS.get(name)().fit(up, world(SKILLED)["stop"], seed=1, threads=1)


def test_a_class_that_never_happened_is_still_possible(name: str) -> None:
    given = {}
    for key, rows in world(SKILLED).items():
        side = np.where(rows.scaled > 0, 2, 0)
        given[key] = replace(rows, label=np.where(rows.label >= 0, side, -1).astype(np.int8))

    model = fit(MEMBERS.get(name)(), given)
    _, calibrated = model.predict(given["test"].asked)
    known = np.isfinite(calibrated.classes[:, 0])

    assert calibrated.classes[known, 1].max() < 0.02
    assert np.abs(calibrated.classes[known].sum(axis=1) - 1).max() < 1e-12


def test_without_skill_it_says_little_more_than_climatology(name: str) -> None:
    gains = [gain(fitted(name, 0.0, seed), directionless(seed)) for seed in (1, 2)]

    assert min(gains) > -SKILLESS_MARGIN


def directionless(seed: int) -> Samples:
    return world(0.0, seed)["test"]


def test_planted_skill_is_found_by_whoever_reads_the_column() -> None:
    found = {name: gain(fitted(name, SKILLED), world(SKILLED)["test"]) for name in MEMBERS.names()}

    assert found["ridge"] > 0.01
    assert found["lightgbm"] > 0.01
    assert found["cnn_lstm"] > 0.01
    assert found["patchtst"] > 0.01
    assert abs(found["naive"]) < SKILLESS_MARGIN


def test_shuffled_outcomes_leave_no_direction(name: str) -> None:
    given = {
        key: shuffled(rows, number) for number, (key, rows) in enumerate(world(SKILLED).items())
    }
    model = fit(MEMBERS.get(name)(), given)
    rows = world(SKILLED)["test"].labelled
    _, calibrated = model.predict(rows.asked)
    known = np.isfinite(calibrated.classes[:, 0])

    card = scorecard(Raw(calibrated.quantiles[known], calibrated.classes[known]), rows.take(known))

    assert card["hit_rate"] is not None
    assert card["hit_rate"] < 0.56
    assert gain(model, given["test"]) < 0.002


def shuffled(rows: Samples, seed: int) -> Samples:
    """Return the rows with their outcomes handed round."""
    order = np.arange(len(rows))
    known = np.flatnonzero(rows.label >= 0)
    order[known] = np.random.default_rng(seed).permutation(known)
    return replace(rows, scaled=rows.scaled[order], label=rows.label[order])


def test_heavier_rows_count_more(name: str) -> None:
    rows = world(0.0)["train"]
    heavy = replace(rows, weight=np.where(rows.label == 2, 3.0, 1.0) * rows.weight)
    stop = world(0.0)["stop"]
    heavy_stop = replace(stop, weight=np.where(stop.label == 2, 3.0, 1.0) * stop.weight)
    member = MEMBERS.get(name)()
    asked = world(0.0)["test"].asked.take(np.arange(500))

    plain = RUNTIMES.get(fitted(name, 0.0).weights.runtime)
    even = plain.load(member.fit(rows, stop, seed=1, threads=1), rows.columns).predict(asked)
    leaning = member.fit(heavy, heavy_stop, seed=1, threads=1)
    tilted = plain.load(leaning, rows.columns).predict(asked)

    assert np.nanmean(tilted.classes[:, 2]) > np.nanmean(even.classes[:, 2]) + 0.1


def test_every_weight_is_needed(name: str) -> None:
    weights = fitted(name, SKILLED).weights
    runtime = RUNTIMES.get(weights.runtime)

    for array in weights.arrays:
        rest = {key: value for key, value in weights.arrays.items() if key != array}
        with pytest.raises(ArtefactError, match=r"weights\."):
            runtime.load(replace(weights, arrays=rest), fitted(name, SKILLED).columns)
    for array in weights.scaler:
        rest = {key: value for key, value in weights.scaler.items() if key != array}
        with pytest.raises(ArtefactError, match=r"scaler\."):
            runtime.load(replace(weights, scaler=rest), fitted(name, SKILLED).columns)
    for graph in weights.graphs:
        with pytest.raises(ArtefactError, match=graph):
            runtime.load(replace(weights, graphs={}), fitted(name, SKILLED).columns)
    for text in weights.texts:
        rest_texts = {key: value for key, value in weights.texts.items() if key != text}
        with pytest.raises(ArtefactError, match=text):
            runtime.load(replace(weights, texts=rest_texts), fitted(name, SKILLED).columns)


def test_every_runtime_serves_a_member_that_is_tested_here() -> None:
    used = {fitted(name, SKILLED).weights.runtime for name in MEMBERS.names()}

    assert used == set(RUNTIMES.names())


def test_default_settings_are_written_out(name: str) -> None:
    member = MEMBERS.get(name)()

    assert type(member)(**member.settings()) == member
    assert member.family
    assert member.version >= 1
