"""What a member is: samples in, weights out; and what serves those weights."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError, SettingsError

Floats = NDArray[np.float64]
DOWN, FLAT, UP = 0, 1, 2


class Scope(StrEnum):
    """What one fitted model covers."""

    SERIES = "series"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a member is asked: n rows out of a table, with the bars before each within reach.

    `table` (N, F) holds bars of features in time order, series after series, NaN where unknown.
    `at` (n,) are the rows asked and `begin` (n,) the first row of the series of each: a window
    reaches back to `begin` and never beyond, and nothing after `at` is ever read. `series` (n,)
    indexes `names`, which are (symbol, timeframe).
    """

    table: NDArray[Any]
    at: NDArray[np.int64]
    begin: NDArray[np.int64]
    series: NDArray[np.int32]
    names: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def alone(cls, x: Floats) -> "Asked":
        """Return the rows of `x` (n, F) with nothing before any of them, of a series unnamed."""
        at = np.arange(len(x))
        return cls(x, at, at, np.zeros(len(x), dtype=np.int32), (("", ""),))

    @classmethod
    def windows(
        cls, x: NDArray[Any], series: NDArray[np.int32], names: tuple[tuple[str, str], ...]
    ) -> "Asked":
        """Return the last rows of windows `x` (n, L, F)."""
        count, length, columns = x.shape
        last = np.arange(count) * length + length - 1
        return cls(x.reshape(count * length, columns), last, last - length + 1, series, names)

    @classmethod
    def joined(cls, parts: Sequence["Asked"]) -> "Asked":
        """Return several questions as one, part after part; each stays inside its own tables."""
        tables = np.cumsum([0, *(len(part.table) for part in parts)])
        names = np.cumsum([0, *(len(part.names) for part in parts)])
        return cls(
            np.concatenate([part.table for part in parts]),
            np.concatenate([part.at + start for part, start in zip(parts, tables, strict=False)]),
            np.concatenate(
                [part.begin + start for part, start in zip(parts, tables, strict=False)]
            ),
            np.concatenate(
                [part.series + start for part, start in zip(parts, names, strict=False)]
            ).astype(np.int32),
            tuple(name for part in parts for name in part.names),
        )

    def cut(self, bars_read: int) -> "Asked":
        """Return the same question with no more of the table than `bars_read` bars a row need."""
        if not len(self):
            return self
        first = max(int(self.begin.min()), int(self.at.min()) - bars_read + 1)
        table = self.table[first : int(self.at.max()) + 1]
        begin = np.maximum(self.begin - first, 0)
        return Asked(table, self.at - first, begin, self.series, self.names)

    @property
    def x(self) -> Floats:
        """Return the rows asked (n, F) in double precision."""
        return np.asarray(self.table[self.at], dtype=np.float64)

    def take(self, rows: NDArray[Any]) -> "Asked":
        """Return the rows chosen by a mask or by indices; the table stays."""
        return Asked(self.table, self.at[rows], self.begin[rows], self.series[rows], self.names)

    def only(self, columns: NDArray[np.intp]) -> "Asked":
        """Return the same question with these columns of the table alone."""
        return Asked(self.table[:, columns], self.at, self.begin, self.series, self.names)

    def reaching(self, look_back: int) -> NDArray[np.bool_]:
        """Return (n,) which rows have `look_back` bars of their series, themselves included."""
        return np.asarray(self.at - self.begin >= look_back - 1)

    def window(self, look_back: int) -> NDArray[Any]:
        """Return (n, look_back, F) the bars up to each row; all rows must be `reaching`."""
        return np.asarray(self.table[self.at[:, None] + np.arange(1 - look_back, 1)])


@dataclass(frozen=True, slots=True)
class Ahead:
    """Outcomes over several horizons at once, for members that learn them together.

    H horizons in bars, rising; `scaled`, `label` and `weight` (n, H) as in `Samples`, unknown is
    NaN, -1 and 0. `decision` is the column that the samples' own outcomes are of.
    """

    horizons: tuple[int, ...]
    decision: int
    scaled: Floats
    label: NDArray[np.int8]
    weight: Floats

    def take(self, rows: NDArray[Any]) -> "Ahead":
        """Return the rows chosen by a mask or by indices."""
        parts = (each[rows] for each in (self.scaled, self.label, self.weight))
        return Ahead(self.horizons, self.decision, *parts)


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows to learn from or to answer, of one timeframe, in time order within each series.

    n rows, F features. `time` and `t1` are UTC microseconds (int64), the close of the bar and the
    end of its label (0 where unknown). `series` (n,) indexes `series_names`. `x` (n, F) may hold
    NaN where a feature is unknown. `scaled` (n,) is the volatility-scaled log return over the
    horizon, NaN where unknown; `label` (n,) is DOWN, FLAT or UP, -1 where unknown; `weight` (n,)
    is the average uniqueness of the label. `past`, where there is one, holds the bars before each
    row and ends in the same rows as `x`; `ahead` the outcomes over further horizons.
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
    past: Asked | None = None
    ahead: Ahead | None = None

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
            self.past and self.past.take(rows),
            self.ahead and self.ahead.take(rows),
        )

    def every(self, step: int) -> "Samples":
        """Return each `step`-th row, the first among them."""
        return self if step == 1 else self.take(np.arange(0, len(self), step))

    @property
    def asked(self) -> Asked:
        """Return the rows as a question: with what was before each, where that is known."""
        return Asked.alone(self.x) if self.past is None else self.past

    @property
    def labelled(self) -> "Samples":
        """Return the rows whose outcome is known."""
        return self.take(self._has_outcome)

    @property
    def outcomes(self) -> int:
        """Return how many rows have a known outcome."""
        return int(np.count_nonzero(self._has_outcome))

    @property
    def _has_outcome(self) -> NDArray[np.bool_]:
        return (self.label >= 0) & np.isfinite(self.scaled)


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

    `arrays` and `scaler` go to safetensors, `texts` and `graphs` to files of that name, `params` to
    JSON.
    """

    runtime: str
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    scaler: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    graphs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a long fit stands: `epoch` of `epochs`, and `step` of `steps` over all of them.

    `loss` is the mean of the running epoch, `held_loss` the last one on the stop span (None before
    the first), `seconds_left` what is left at this pace if every epoch is run.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    held_loss: float | None
    seconds_left: float


def unheard(progress: Progress) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a fit works: its device, who hears of it, and where it may keep what it resumes from.

    `device` is `cpu`, `cuda`, or `auto` (CUDA where there is one). Without `folder` nothing is kept
    and nothing can be resumed; `job` tells one fit's files there from another's.
    """

    device: str = "cpu"
    report: Callable[[Progress], None] = unheard
    folder: Path | None = None
    job: str = "fit"


BENCH = Workshop()
"""A workshop on the CPU that keeps nothing and tells nobody."""


class Member(ABC):
    """A frozen dataclass whose fields are its hyper-parameters; fits, and never serves.

    `scope` is what one fit covers; `random` says whether a fit depends on its seed, `tunes` whether
    `tune` can go on from earlier weights.
    """

    family: ClassVar[str]
    scope: Scope
    version: ClassVar[int] = 1
    random: ClassVar[bool] = True
    tunes: ClassVar[bool] = False

    @abstractmethod
    def fit(
        self,
        train: Samples,
        stop: Samples,
        *,
        seed: int,
        threads: int,
        workshop: Workshop = BENCH,
    ) -> Weights:
        """Fit on `train`, labelled rows only.

        `stop` may decide when to stop or how hard to shrink. Same seed, same bytes. Too few rows
        are refused with `HistoryError`. A fit that takes minutes tells `workshop` how it goes and
        goes on from what it keeps there.
        """

    def tune(
        self,
        start: Weights,
        train: Samples,
        stop: Samples,
        *,
        seed: int,
        threads: int,
        workshop: Workshop = BENCH,
    ) -> Weights:
        """Go on learning from `start`, which was fitted with these settings on these columns.

        Otherwise as `fit`. A member that has nothing to go on from is a `SettingsError`.
        """
        raise SettingsError(
            f"{type(self).__module__.rpartition('.')[2]} is fitted in one step and cannot go on "
            "from earlier weights; fit it anew"
        )

    @property
    def bars_read(self) -> int:
        """Return how many bars one answer reads, the asked one included."""
        return 1

    def settings(self) -> dict[str, Any]:
        """Return the hyper-parameters, defaults written out."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]


class Runtime(ABC):
    """Serves weights without the library that fitted them: no torch, lightgbm, scikit-learn.

    `precision` is how far the answer to a row may differ when other rows are asked with it.
    """

    precision: ClassVar[float] = 0.0

    @classmethod
    @abstractmethod
    def load(cls, weights: Weights, columns: tuple[str, ...]) -> "Runtime":
        """Build from `weights`; a shape that does not match `columns` is an `ArtefactError`."""

    @abstractmethod
    def predict(self, asked: Asked) -> Raw:
        """Answer the rows of `asked`; an answer depends on its row and the bars before it alone."""

    @abstractmethod
    def contributions(self, asked: Asked) -> Floats | None:
        """Return (n, F): how much each feature moved logit p_up if moved; None if it cannot say."""

    @property
    def bars_read(self) -> int:
        """Return how many bars one answer reads, the asked one included."""
        return 1

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Return the (symbol, timeframe) it knows by name; none if it tells none apart."""
        return ()

    @property
    def made_with(self) -> Mapping[str, Any] | None:
        """Return the hyper-parameters that the weights themselves carry, None if they carry none.

        As JSON gives them.
        """
        return None
