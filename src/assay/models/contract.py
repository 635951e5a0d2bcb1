"""What a member is: samples in, weights out; and what serves those weights."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError

Floats = NDArray[np.float64]
DOWN, FLAT, UP = 0, 1, 2


class Scope(StrEnum):
    """What one fitted model covers."""

    SERIES = "series"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows to learn from or to answer, of one timeframe, in time order within each series.

    n rows, F features. `time` and `t1` are UTC microseconds (int64), the close of the bar and the
    end of its label (0 where unknown). `series` (n,) indexes `series_names`. `x` (n, F) may hold
    NaN where a feature is unknown. `scaled` (n,) is the volatility-scaled log return over the
    horizon, NaN where unknown; `label` (n,) is DOWN, FLAT or UP, -1 where unknown; `weight` (n,)
    is the average uniqueness of the label.
    """

    columns: tuple[str, ...]
    series_names: tuple[str, ...]
    time: NDArray[np.int64]
    t1: NDArray[np.int64]
    series: NDArray[np.int32]
    x: Floats
    scaled: Floats
    label: NDArray[np.int8]
    weight: Floats

    def __post_init__(self) -> None:
        rows = len(self.time)
        for name in ("t1", "series", "x", "scaled", "label", "weight"):
            if len(getattr(self, name)) != rows:
                raise DataError(f"Samples: {name} has {len(getattr(self, name))} of {rows} rows")
        if self.x.shape != (rows, len(self.columns)):
            raise DataError(f"Samples: x is {self.x.shape}, but {len(self.columns)} columns named")

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: NDArray[Any]) -> "Samples":
        """Return the rows chosen by a mask or by indices."""
        return Samples(
            self.columns,
            self.series_names,
            self.time[rows],
            self.t1[rows],
            self.series[rows],
            self.x[rows],
            self.scaled[rows],
            self.label[rows],
            self.weight[rows],
        )

    @property
    def labelled(self) -> "Samples":
        """Return the rows whose outcome is known."""
        return self.take((self.label >= 0) & np.isfinite(self.scaled))


@dataclass(frozen=True, slots=True)
class Raw:
    """Uncalibrated answers: `quantiles` (n, Q) at `PROBABILITIES`, `classes` (n, 3).

    A row the member cannot answer is NaN throughout.
    """

    quantiles: Floats
    classes: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted member as plain data: what `runtime` needs to answer, and nothing else.

    `arrays` go to safetensors, `texts` to files of that name, `params` to JSON.
    """

    runtime: str
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


class Member(ABC):
    """A frozen dataclass whose fields are its hyper-parameters; fits, and never serves."""

    family: ClassVar[str]
    scope: ClassVar[Scope]
    version: ClassVar[int] = 1

    @abstractmethod
    def fit(self, train: Samples, stop: Samples, *, seed: int, threads: int) -> Weights:
        """Fit on `train`, labelled rows only.

        `stop` may decide when to stop or how hard to shrink. Same seed, same bytes. Too few rows
        are refused with `HistoryError`.
        """

    def settings(self) -> dict[str, Any]:
        """Return the hyper-parameters, defaults written out."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]


class Runtime(ABC):
    """Serves weights without the library that fitted them: no torch, lightgbm, scikit-learn."""

    @classmethod
    @abstractmethod
    def load(cls, weights: Weights, columns: tuple[str, ...]) -> "Runtime":
        """Build from `weights`; a shape that does not match `columns` is an `ArtefactError`."""

    @abstractmethod
    def predict(self, x: Floats) -> Raw:
        """Answer for `x` (n, F); a row's answer depends on that row alone."""

    @abstractmethod
    def contributions(self, x: Floats) -> Floats | None:
        """Return (n, F): how much each feature moved logit p_up if moved; None if it cannot say."""
