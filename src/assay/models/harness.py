"""The long-horizon forecasting protocol of the literature, which shows our machinery is right.

Numbers published for ETTh1 hang on details: where the look-back starts, what is scaled by what, and
whether the last partial batch of the test loader is dropped. This module fixes them (Zhou et al.
2021; Zeng et al. 2023), and two baselines with closed forms pin them down.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.core.errors import DataError, HistoryError
from assay.models.contract import Floats

HOUR_MONTH = 30 * 24
ETT_HOURLY = (12 * HOUR_MONTH, 4 * HOUR_MONTH, 4 * HOUR_MONTH)
"""Rows of train, validation and test of ETTh1 and ETTh2: 12, 4 and 4 months of 30 days."""

Predictor = Callable[[Floats], Floats]
"""Maps look-backs (windows, L) of one channel to forecasts (windows, H)."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A table of channels scaled by the train rows' mean and (population) standard deviation.

    `values` (rows, channels); `train_rows`, `validation_rows` and `test_rows` follow each other.
    """

    values: Floats
    train_rows: int
    validation_rows: int
    test_rows: int

    def test_windows(self, look_back: int, horizon: int) -> Iterator[tuple[Floats, Floats]]:
        """Yield, per channel, look-backs (n, L) and what followed (n, H), in order of time.

        The first look-back reaches back over the border, so that the first forecast is of the
        test span's first row.
        """
        first = self.train_rows + self.validation_rows - look_back
        yield from self._windows(first, first + look_back + self.test_rows, look_back, horizon)

    def train_windows(self, look_back: int, horizon: int) -> Iterator[tuple[Floats, Floats]]:
        """Yield the same inside the train rows."""
        yield from self._windows(0, self.train_rows, look_back, horizon)

    def _windows(
        self, first: int, last: int, look_back: int, horizon: int
    ) -> Iterator[tuple[Floats, Floats]]:
        if last - first < look_back + horizon:
            raise HistoryError(
                f"A window of {look_back} + {horizon} rows does not fit into {last - first}"
            )
        for channel in self.values[first:last].T:
            whole = np.lib.stride_tricks.sliding_window_view(channel, look_back + horizon)
            yield whole[:, :look_back], whole[:, look_back:]


def read_benchmark(path: Path, rows: tuple[int, int, int] = ETT_HOURLY) -> Benchmark:
    """Return the benchmark in a CSV whose first column is a date and the others numbers."""
    with path.open(newline="") as file:
        table = list(csv.reader(file))[1:]
    values = np.array([line[1:] for line in table], dtype=np.float64)
    if len(values) < sum(rows):
        raise DataError(f"{path.name} has {len(values)} rows; the protocol needs {sum(rows)}")
    train = values[: rows[0]]
    scaled = (values - train.mean(axis=0)) / train.std(axis=0)
    return Benchmark(scaled[: sum(rows)], *rows)


def mean_squared_error(
    benchmark: Benchmark,
    predict: Predictor,
    *,
    look_back: int,
    horizon: int,
    batch: int | None = None,
) -> float:
    """Return the mean squared error over windows, horizon and channels, in scaled units.

    With `batch` the windows that do not fill a last batch are dropped, as the published tables did.
    """
    total, count = 0.0, 0
    for past, future in benchmark.test_windows(look_back, horizon):
        kept = len(past) if batch is None else len(past) // batch * batch
        total += float(np.sum((predict(past[:kept]) - future[:kept]) ** 2))
        count += kept * horizon
    return total / count


def repeat_last(horizon: int) -> Predictor:
    """Return the forecast that the last value stays: the random walk, hard to beat for prices."""

    def predict(past: Floats) -> Floats:
        return np.broadcast_to(past[:, -1:], (len(past), horizon))

    return predict


def fit_linear(
    benchmark: Benchmark, *, look_back: int, horizon: int, penalty: float = 1e-3
) -> Predictor:
    """Return the ridge fit of the future on the past, both less the last value (NLinear).

    One map for all channels by normal equations, intercept not penalised; on the diagonal stands
    `penalty` times the number of windows of one channel, chosen before any test row was seen.
    """
    gram = np.zeros((look_back + 1, look_back + 1))
    pull = np.zeros((look_back + 1, horizon))
    windows = 0
    for past, future in benchmark.train_windows(look_back, horizon):
        last = past[:, -1:]
        design = np.column_stack([past - last, np.ones(len(past))])
        gram += design.T @ design
        pull += design.T @ (future - last)
        windows = len(past)
    shrink = penalty * windows * np.eye(look_back + 1)
    shrink[-1, -1] = 0.0
    slope = np.linalg.solve(gram + shrink, pull)

    def predict(past: Floats) -> Floats:
        last = past[:, -1:]
        return np.asarray(last + (past - last) @ slope[:-1] + slope[-1])

    return predict
