"""What moved an answer: against sums by hand, laws, and models that know or say nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assay.models import explaining
from assay.models.catalog import MEMBERS, RUNTIMES
from assay.models.contract import Asked, Floats, Raw, Runtime, Samples, Weights
from assay.models.explaining import (
    Method,
    account,
    deletion,
    moments,
    occlusion,
    permutation,
    spread_rows,
    stretches,
    usual_of,
)
from assay.models.export import Architecture, graph_of
from assay.models.faithfulness import LEAST_AGREEMENT, held_against
from assay.models.fitting import Fitted, fit_member
from assay.models.nets import Net
from assay.models.planted import planted_world
from assay.models.vocabulary import Vocabulary
from tests.factories import make_samples
from tests.models.test_nets import FRESH, LOOK_BACK, NETS, fitted, small

LENGTH, COLUMNS = 4, 12
READ = (1, 4, 6)
FLAT = 0.2


@dataclass(frozen=True)
class Straight(Runtime):
    """Says a logit that is linear in the window; `told` is its own account of itself, if any."""

    slope: Floats
    told: Floats | None = None

    @classmethod
    def load(cls, weights: Weights, columns: tuple[str, ...]) -> "Straight":
        raise NotImplementedError

    @property
    def bars_read(self) -> int:
        return len(self.slope)

    def predict(self, asked: Asked) -> Raw:
        logit = np.full(len(asked), np.nan)
        whole = asked.reaching(self.bars_read)
        window = np.asarray(asked.take(whole).window(self.bars_read), dtype=np.float64)
        logit[whole] = (window * self.slope).sum(axis=(1, 2))
        up = (1 - FLAT) / (1 + np.exp(-logit))
        classes = np.stack([1 - FLAT - up, np.where(np.isnan(up), np.nan, FLAT), up], axis=1)
        return Raw(np.repeat(logit[:, None], 5, axis=1), classes)

    def contributions(self, asked: Asked) -> Floats | None:
        return self.told


def slope(read: tuple[int, ...] = READ, seed: int = 3) -> Floats:
    found = np.zeros((LENGTH, COLUMNS))
    found[:, list(read)] = 0.3 * np.random.default_rng(seed).normal(size=(LENGTH, len(read)))
    return found


def question(rows: int = 30, seed: int = 4) -> Asked:
    """Return rows of two series that can all be answered."""
    table = np.random.default_rng(seed).normal(size=(2 * rows, COLUMNS))
    at = np.concatenate([np.arange(LENGTH - 1, rows), np.arange(rows + LENGTH - 1, 2 * rows)])
    series = (at >= rows).astype(np.int32)
    return Asked(table, at, series.astype(np.int64) * rows, series, (("A", "1h"), ("B", "1h")))


USUAL = np.linspace(-0.5, 0.5, COLUMNS)


def logit_of(runtime: Runtime, asked: Asked) -> Floats:
    classes = runtime.predict(asked).classes
    return np.asarray(np.log(classes[:, 2]) - np.log(classes[:, 0]))


def test_occlusion_is_the_logit_less_the_logit_without_the_column() -> None:
    runtime, asked = Straight(slope()), question()

    moved = occlusion(runtime, asked, USUAL)

    by_hand = np.zeros((len(asked), COLUMNS))
    for row, at in enumerate(asked.at):
        for column in range(COLUMNS):
            for back in range(LENGTH):
                value = asked.table[at - back, column] - USUAL[column]
                by_hand[row, column] += runtime.slope[LENGTH - 1 - back, column] * value
    np.testing.assert_allclose(moved, by_hand, rtol=0, atol=1e-12)


@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
def test_moments_are_the_same_by_stretches_of_bars(blocks: int) -> None:
    runtime, asked = Straight(slope()), question()

    moved = moments(runtime, asked, USUAL, blocks)

    by_bar = runtime.slope * (asked.window(LENGTH) - USUAL)
    by_hand = [by_bar[:, a:b].sum(axis=(1, 2)) for a, b in stretches(LENGTH, blocks)]
    np.testing.assert_allclose(moved, np.stack(by_hand, axis=1), rtol=0, atol=1e-12)
    parts = occlusion(runtime, asked, USUAL).sum(axis=1)
    np.testing.assert_allclose(moved.sum(axis=1), parts, rtol=0, atol=1e-12)


@given(length=st.integers(1, 300), blocks=st.integers(1, 12))
def test_stretches_hold_every_bar_once_and_are_alike(length: int, blocks: int) -> None:
    found = stretches(length, blocks)

    bars = [bar for start, end in found for bar in range(start, end)]
    sizes = [end - start for start, end in found]
    assert bars == list(range(length))
    assert len(found) == blocks
    assert max(sizes) - min(sizes) <= 1


def test_permutation_is_the_mean_change_when_rows_swap_a_column() -> None:
    runtime, asked = Straight(slope()), question()

    moved = permutation(runtime, asked, seed=9)

    window, chance = asked.window(LENGTH), np.random.default_rng(9)
    for column in range(COLUMNS):
        order = chance.permutation(len(asked))
        swapped = (window[order] - window)[:, :, column] @ runtime.slope[:, column]
        assert moved[column] == pytest.approx(np.abs(swapped).mean(), abs=1e-12)
    assert np.flatnonzero(moved).tolist() == list(READ)


def test_a_column_that_is_not_read_moves_nothing() -> None:
    runtime, asked = Straight(slope()), question()
    unread = [column for column in range(COLUMNS) if column not in READ]

    moved = occlusion(runtime, asked, USUAL)

    assert (moved[:, unread] == 0).all()
    assert (moved[:, list(READ)] != 0).all()


def test_rows_that_cannot_be_answered_are_unknown() -> None:
    runtime, whole = Straight(slope()), question()
    table = whole.table.copy()
    table[10, READ[0]] = np.nan
    asked = replace(whole, table=table)

    by_column, by_stretch = occlusion(runtime, asked, USUAL), moments(runtime, asked, USUAL, 2)

    hit = (asked.at >= 10) & (asked.at < 10 + LENGTH)
    assert np.isnan(by_column[hit]).all()
    assert np.isnan(by_stretch[hit]).all()
    assert np.isfinite(by_column[~hit]).all()
    assert np.isfinite(by_stretch[~hit]).all()


def test_rows_whose_window_would_reach_into_another_series_are_unknown() -> None:
    runtime, whole = Straight(slope()), question()
    early = np.array([0, 1, 2, 30, 31, 32])
    series = np.array([0, 0, 0, 1, 1, 1], dtype=np.int32)
    asked = Asked(
        whole.table,
        np.concatenate([early, whole.at[:6]]),
        np.concatenate([series.astype(np.int64) * 30, whole.begin[:6]]),
        np.concatenate([series, whole.series[:6]]),
        whole.names,
    )

    found = [occlusion(runtime, asked, USUAL), moments(runtime, asked, USUAL, 2)]
    swapped = permutation(runtime, asked, seed=1)

    for moved in found:
        assert np.isnan(moved[:6]).all()
        assert np.isfinite(moved[6:]).all()
    assert np.isfinite(swapped).all()


def test_a_series_shorter_than_the_window_is_unknown_and_no_error() -> None:
    asked = question().take(np.array([0, 0]))
    short = replace(asked, table=asked.table[:2], at=np.arange(2))

    moved = occlusion(Straight(slope()), short, USUAL)

    assert np.isnan(moved).all()


@pytest.mark.parametrize("values", [1, 700, 3_000])
def test_chunks_change_no_value(values: int, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, asked = Straight(slope()), question()
    whole = occlusion(runtime, asked, USUAL)

    monkeypatch.setattr(explaining, "CHUNK_VALUES", values)

    np.testing.assert_array_equal(occlusion(runtime, asked, USUAL), whole)


@pytest.mark.parametrize("name", NETS)
def test_chunks_change_no_value_of_a_net(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, asked = fitted(name).runtime, FRESH.take(np.arange(50, 90))
    usual = usual_of(asked)
    whole = occlusion(runtime, asked, usual)

    monkeypatch.setattr(explaining, "CHUNK_VALUES", 3_000)

    alike(occlusion(runtime, asked, usual), whole, runtime)


@pytest.mark.parametrize("name", NETS)
def test_each_row_of_a_net_is_asked_again_under_its_own_name(name: str) -> None:
    runtime, asked = fitted(name).runtime, FRESH.take(np.array([60, 410, 120, 350]))
    usual = usual_of(asked)
    rows = [asked.take(np.array([row])) for row in range(len(asked))]

    together = occlusion(runtime, asked, usual), moments(runtime, asked, usual, 3)

    alone = [(occlusion(runtime, row, usual), moments(runtime, row, usual, 3)) for row in rows]
    for moved, each in zip(together, zip(*alone, strict=True), strict=True):
        alike(moved, np.concatenate(each), runtime)


def alike(one: Floats, other: Floats, runtime: Runtime) -> None:
    """Assert that logits agree as far as answers do, classes being no smaller than a tenth."""
    np.testing.assert_allclose(one, other, rtol=0, atol=max(40 * runtime.precision, 1e-9))


def test_the_usual_value_is_the_median_of_what_is_known() -> None:
    table = np.array([[1.0, np.nan, np.nan], [2.0, 5.0, np.inf], [9.0, 7.0, np.nan]])

    usual = usual_of(Asked.alone(table))

    np.testing.assert_array_equal(usual, [2.0, 6.0, 0.0])


@given(
    table=arrays(np.float64, (7, 3), elements=st.floats(-9, 9) | st.just(np.nan)),
    seed=st.integers(0, 99),
)
def test_the_usual_value_hangs_on_no_order(table: Floats, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(7)

    usual = usual_of(Asked.alone(table))

    np.testing.assert_array_equal(usual_of(Asked.alone(table[order])), usual)
    assert np.isfinite(usual).all()


def test_an_account_is_the_models_own_where_it_has_one() -> None:
    asked = question()
    told = np.ones((len(asked), COLUMNS))

    own = account(Straight(slope(), told), asked, pytest.fail)
    found = account(Straight(slope()), asked, lambda: USUAL)

    assert own.method is Method.NATIVE
    assert own.columns is told
    assert found.method is Method.OCCLUSION
    np.testing.assert_array_equal(found.columns, occlusion(Straight(slope()), asked, USUAL))
    assert own.stretches.shape == found.stretches.shape == (len(asked), 0)


@pytest.mark.parametrize("native", [True, False])
def test_an_account_in_full_is_that_of_columns_and_that_of_stretches(*, native: bool) -> None:
    asked = question()
    told = np.ones((len(asked), COLUMNS)) if native else None
    runtime = Straight(slope(), told)

    found = account(runtime, asked, lambda: USUAL, 3)

    by_column = occlusion(runtime, asked, USUAL) if told is None else told
    np.testing.assert_array_equal(found.columns, by_column)
    np.testing.assert_array_equal(found.stretches, moments(runtime, asked, USUAL, 3))


def test_one_column_that_moves_the_answer_is_an_honest_account() -> None:
    runtime, asked = Straight(slope((4,))), question()

    found = deletion(runtime, asked, USUAL, seed=1)

    assert found is not None
    assert found.passed
    assert found.rows == len(asked)
    moved = np.abs(occlusion(runtime, asked, USUAL)[:, 4])
    assert found.named == pytest.approx(moved.mean() / 2, abs=1e-12)
    assert 0 < found.any < found.named


def test_columns_that_pull_apart_are_an_honest_account_too() -> None:
    asked = question(400)
    two = np.zeros((LENGTH, COLUMNS))
    two[-1, [1, 4]] = 1.0

    found = [deletion(Straight(each), asked, USUAL, seed=1) for each in (two, slope())]

    assert [each is not None and each.passed for each in found] == [True, True]


@pytest.mark.parametrize("lie", ["noise", "turned round"])
def test_an_account_that_lies_fails(lie: str) -> None:
    asked = question(200)
    honest = occlusion(Straight(slope((4,))), asked, USUAL)
    noise = honest * 0.0
    noise[:, [0, 2, 3]] = 1.0
    told = noise if lie == "noise" else -honest

    found = deletion(Straight(slope((4,)), told), asked, USUAL, seed=1)

    assert found is not None
    assert found.method is Method.NATIVE
    assert not found.passed


def test_there_is_no_finding_where_nothing_moved_or_nothing_is_told() -> None:
    asked = question()
    silent = np.full((len(asked), COLUMNS), np.nan)
    few = replace(asked, table=asked.table[:, :3])

    still = deletion(Straight(slope(())), asked, USUAL, seed=1)
    unknown = deletion(Straight(slope(), silent), asked, USUAL, seed=1)
    narrow = deletion(Straight(slope()[:, :3]), few, USUAL[:3], seed=1)

    assert still is unknown is narrow is None


@given(count=st.integers(1, 500), wanted=st.integers(1, 60))
def test_probed_rows_are_spread_from_first_to_last(count: int, wanted: int) -> None:
    rows = spread_rows(count, wanted)

    assert len(rows) == min(count, wanted)
    assert rows[0] == 0
    assert rows[-1] == (count - 1 if len(rows) > 1 else 0)
    assert len(rows) < 3 or np.ptp(np.diff(rows)) <= 1


@cache
def of_one(name: str) -> Fitted:
    """Return a member of one series, fitted on a slow signal in a column of noise columns."""
    settings_of: Mapping[str, Mapping[str, int]] = {"ridge": {"keep": 2}}
    return fit_member(MEMBERS.get(name)(**settings_of.get(name, {})), one_series(), seed=5)


@cache
def one_series() -> dict[str, Samples]:
    sizes = {"train": (1500, 0), "stop": (500, 1600), "calibrate": (900, 2200)}
    return {
        span: make_samples(rows, edge=0.3, start=start, seed=start)
        for span, (rows, start) in sizes.items()
    }


def test_the_own_account_of_momentum_is_occlusion_to_the_mean() -> None:
    model, asked = of_one("momentum"), FRESH.take(np.arange(50, 90))
    usual = np.zeros(len(model.columns))
    usual[0] = model.weights.arrays["mean"][0]

    told, found = model.runtime.contributions(asked), occlusion(model.runtime, asked, usual)

    assert told is not None
    known = np.isfinite(found).all(axis=1)
    assert known.mean() > 0.9
    np.testing.assert_allclose(told[known], found[known], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["momentum", "ridge"])
def test_what_a_fitted_member_does_not_read_moves_nothing(name: str) -> None:
    model, asked = of_one(name), FRESH.take(np.arange(50, 90))
    read = model.weights.arrays["used"].tolist()
    unread = [column for column in range(len(model.columns)) if column not in read]

    moved = occlusion(model.runtime, asked, usual_of(asked))
    swapped = permutation(model.runtime, asked, seed=2)

    known = np.isfinite(moved).all(axis=1)
    assert len(read) < len(model.columns)
    assert (moved[known][:, unread] == 0).all()
    assert (np.abs(moved[known][:, read]).max(axis=0) > 0).all()
    assert (swapped[unread] == 0).all()
    assert (swapped[read] > 0).all()


@pytest.mark.parametrize("name", NETS)
def test_a_net_is_unknown_where_it_cannot_answer(name: str) -> None:
    model = fitted(name)
    table = FRESH.table.copy()
    table[70] = np.nan
    asked = replace(FRESH, table=table).take(np.array([2, LOOK_BACK - 2, 60, 70, 90, 302]))
    usual = usual_of(asked)

    by_column, by_stretch = (
        occlusion(model.runtime, asked, usual),
        moments(model.runtime, asked, usual, 3),
    )

    unanswered = np.isnan(model.runtime.predict(asked).classes[:, 0])
    assert unanswered.tolist() == [True, True, False, True, False, True]
    for moved in (by_column, by_stretch):
        assert np.isnan(moved[unanswered]).all()
        assert np.isfinite(moved[~unanswered]).all()


@pytest.mark.parametrize("name", NETS)
def test_with_one_stretch_a_net_is_left_with_nothing_but_the_name(name: str) -> None:
    model, asked = fitted(name), FRESH.take(np.arange(50, 90))
    usual = usual_of(asked)
    known = np.isfinite(model.runtime.predict(asked).classes[:, 0])

    left = logit_of(model.runtime, asked)[:, None] - moments(model.runtime, asked, usual, 1)

    empty = Asked.windows(
        np.tile(usual, (1, LOOK_BACK, 1)), np.zeros(1, dtype=np.int32), asked.names
    )
    alike(left[known, 0], np.repeat(logit_of(model.runtime, empty), known.sum()), model.runtime)


@pytest.mark.parametrize("name", NETS)
def test_a_net_leans_most_on_a_column_that_is_no_noise(name: str) -> None:
    found = fitted(name).metrics["explanation"]

    names = [column for column, _ in found["leans_on"]]
    sizes = [by for _, by in found["leans_on"]]
    assert found["method"] == "occlusion"
    assert not names[0].startswith("noise")
    assert sizes == sorted(sizes, reverse=True)


def quick() -> Net:
    """Return a small net that finds the planted columns in a second."""
    return small("cnn_lstm", rows_an_epoch=4096, learning_rate=1e-2)


@cache
def planted_net() -> Fitted:
    torch.set_num_threads(1)
    spans = {span: rows for span, rows in planted_world(1).items() if span != "test"}
    return fit_member(quick(), spans, seed=1)


def shuffled(model: Fitted, seed: int) -> Fitted:
    """Return the net with the values of every weight in another order."""
    chance = np.random.default_rng(seed)
    state = {
        name: chance.permutation(value.ravel()).reshape(value.shape)
        for name, value in model.weights.arrays.items()
    }
    member, names = quick(), Vocabulary((("PLANTED", "1h"),))
    net = member.seeded(len(model.columns), names, 1, 0).eval()
    net.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})
    made = Architecture(
        "cnn_lstm", member.version, member.settings(), model.columns, names, (0,), 0
    )
    graph = graph_of(net, made, state, scaler=model.weights.scaler)
    weights = replace(model.weights, arrays=state, graphs={"model.onnx": graph})
    return replace(
        model, weights=weights, runtime=RUNTIMES.get("onnx").load(weights, model.columns)
    )


def test_the_account_of_a_net_that_learned_follows_the_planted_columns() -> None:
    found = held_against(planted_net(), 1)

    assert found.method == "occlusion"
    assert found.recall == 1.0
    assert found.agreement > LEAST_AGREEMENT


def test_the_account_of_a_net_of_shuffled_weights_follows_nothing() -> None:
    found = [held_against(shuffled(planted_net(), seed), 1) for seed in range(6)]

    assert max(each.agreement for each in found) < LEAST_AGREEMENT
    assert np.mean([each.recall for each in found]) < 0.5
