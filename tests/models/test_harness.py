"""The published numbers of ETTh1 come out to three decimals; so our splits and errors are right."""

import hashlib
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from assay.core.errors import DataError, HistoryError
from assay.models.harness import (
    Benchmark,
    Predictor,
    fit_linear,
    mean_squared_error,
    read_benchmark,
    repeat_last,
)

LOOK_BACK = 336
SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
ETTH1 = SHARED / "ltsf" / "ETTh1.csv"
ETTH1_SHA256 = "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066"
needs_etth1 = pytest.mark.skipif(
    not ETTH1.is_file(), reason=f"{ETTH1} is absent: ETTh1 may not be shipped (CC BY-ND)"
)


@cache
def etth1() -> Benchmark:
    return read_benchmark(ETTH1)


def error(predict: Predictor, horizon: int, batch: int | None) -> float:
    return mean_squared_error(etth1(), predict, look_back=LOOK_BACK, horizon=horizon, batch=batch)


@needs_etth1
def test_it_is_the_file_the_papers_used() -> None:
    assert hashlib.sha256(ETTH1.read_bytes()).hexdigest() == ETTH1_SHA256


@needs_etth1
@pytest.mark.parametrize(
    ("horizon", "whole", "published"),
    [(96, 1.2944, 1.295), (192, 1.3249, 1.325), (336, 1.3299, 1.323), (720, 1.3351, 1.339)],
)
def test_repeating_the_last_value(horizon: int, whole: float, published: float) -> None:
    assert error(repeat_last(horizon), horizon, None) == pytest.approx(whole, abs=5e-5)
    # the published table dropped the last batch of 32
    assert error(repeat_last(horizon), horizon, 32) == pytest.approx(published, abs=5.5e-4)


@needs_etth1
@pytest.mark.parametrize(
    ("horizon", "whole", "in_batches"),
    [
        (96, 0.3702, 0.3664),
        (192, 0.4034, 0.4034),
        pytest.param(336, 0.4277, 0.4201, marks=pytest.mark.slow),
        pytest.param(720, 0.4344, 0.4280, marks=pytest.mark.slow),
    ],
)
def test_the_closed_form_linear_map(horizon: int, whole: float, in_batches: float) -> None:
    predict = fit_linear(etth1(), look_back=LOOK_BACK, horizon=horizon)

    assert error(predict, horizon, None) == pytest.approx(whole, abs=1e-4)
    assert error(predict, horizon, 128) == pytest.approx(in_batches, abs=1e-4)


def small(rows: int = 400) -> Benchmark:
    values = np.random.default_rng(0).normal(size=(rows, 2)).cumsum(axis=0)
    return Benchmark(values, rows // 2, rows // 4, rows // 4)


def test_the_first_forecast_is_of_the_first_test_row() -> None:
    bench = small()

    past, future = next(bench.test_windows(20, 7))

    np.testing.assert_array_equal(past[0], bench.values[280:300, 0])
    np.testing.assert_array_equal(future[0], bench.values[300:307, 0])
    np.testing.assert_array_equal(future[-1], bench.values[393:400, 0])


def test_the_map_learns_from_train_rows_alone() -> None:
    bench = small()
    changed = bench.values.copy()
    changed[200:] *= -7
    other = Benchmark(changed, 200, 100, 100)
    past = np.random.default_rng(1).normal(size=(5, 20))

    one = fit_linear(bench, look_back=20, horizon=3)(past)
    two = fit_linear(other, look_back=20, horizon=3)(past)

    np.testing.assert_array_equal(one, two)


def test_scaling_knows_the_train_rows_alone(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    values = np.random.default_rng(2).normal(3, 2, size=(100, 2))
    values[60:] += 50
    lines = [f"2020,{a},{b}" for a, b in values]
    path.write_text("\n".join(["date,a,b", *lines]))

    bench = read_benchmark(path, (60, 20, 20))

    np.testing.assert_allclose(bench.values[:60].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(bench.values[:60].std(axis=0), 1, atol=1e-12)
    with pytest.raises(DataError, match="has 100 rows; the protocol needs 120"):
        read_benchmark(path, (60, 30, 30))


def test_a_window_that_does_not_fit_is_refused() -> None:
    with pytest.raises(HistoryError, match="200 \\+ 7 rows does not fit into 200"):
        list(small().train_windows(200, 7))
