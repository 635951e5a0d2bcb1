"""Features in a fixed order: in batch, bar by bar, and as a specification saved with the model."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import numpy as np
import polars as pl

from assay.core.errors import ArtefactError, DataError, NotFoundError, SettingsError
from assay.core.ids import digest, plain
from assay.features.catalog import FEATURES
from assay.features.contract import Feature, Frames, Group
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Features in the order of their columns; a column name may come once (`SettingsError`)."""

    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        if not self.features:
            raise SettingsError("A pipeline needs at least one feature")
        taken = ("time", *self.columns)
        doubled = sorted({name for name in taken if taken.count(name) > 1})
        if doubled:
            raise SettingsError(f"The column {', '.join(doubled)} would be there twice; keep one")

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns, in order."""
        return tuple(name for feature in self.features for name in feature.names)

    @property
    def groups(self) -> dict[str, Group]:
        """Return the group of each column."""
        return {name: feature.group for feature in self.features for name in feature.names}

    @property
    def lookback(self) -> int:
        """Return how many rows, this one included, the first complete row needs."""
        return max(feature.lookback for feature in self.features)

    @property
    def warm_up(self) -> int:
        """Return from how many rows a restart agrees to 1e-6 of each standard deviation."""
        return max(feature.warm_up for feature in self.features)

    def spec(self) -> list[dict[str, Any]]:
        """Return what `from_spec` makes the same pipeline of; plain data, ready for JSON."""
        return [
            {
                "name": name_of(feature),
                "settings": plain(feature.settings()),
                "version": feature.version,
                "inputs": plain(feature.inputs),
                "group": feature.group.value,
                "lookback": feature.lookback,
                "warm_up": feature.warm_up,
            }
            for feature in self.features
        ]

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the specification, in hex."""
        return _hash_of(self)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the features by their names in the catalogue, in order."""
        return tuple(name_of(feature) for feature in self.features)

    def only(self, names: Collection[str]) -> "Pipeline":
        """Return the pipeline of those of its features that are in `names`, in its own order.

        One that has none of them is a `SettingsError`.
        """
        return Pipeline(tuple(f for f in self.features if name_of(f) in names))

    @classmethod
    def from_spec(cls, spec: Sequence[Mapping[str, Any]]) -> Self:
        """Return the pipeline that `spec` describes.

        `SettingsError` names an unknown feature or setting; `ArtefactError` a feature whose
        version, inputs, group, lookback or warm-up is another now than when the model was made.
        """
        return cls(tuple(_feature(entry) for entry in spec))

    def compute(self, frames: Frames) -> pl.DataFrame:
        """Return `time` and all columns (Float64, null in the warm-up) for every row."""
        parts = [frames.bars.select("time"), *(f.columns(frames) for f in self.features)]
        return pl.concat(parts, how="horizontal")

    def stream(self, frames: Frames) -> "Stream":
        """Return the live form after `frames`; the promised precision needs `warm_up` rows."""
        return Stream(self, frames)


@cache
def _hash_of(pipeline: Pipeline) -> str:
    return digest(pipeline.spec())


class Stream:
    """A pipeline that goes on bar by bar; features without a memory share one window of rows."""

    def __init__(self, pipeline: Pipeline, frames: Frames) -> None:
        self._features = pipeline.features
        windowed = [f.lookback for f in self._features if isinstance(f, Windowed)]
        self._before = max(windowed, default=1) - 1
        self._recent = frames.tail(max(1, self._before))
        self._states = [
            None if isinstance(f, Windowed) else f.start(frames) for f in self._features
        ]

    def push(self, row: Frames) -> Vector:
        """Return the columns, in order, for one more row; NaN where the batch form has null.

        `DataError` unless `row` is one row of the same market, later than the last one.
        """
        self._check(row)
        self._recent = self._recent.tail(self._before).with_row(row)
        values: list[float | None] = []
        for place, feature in enumerate(self._features):
            if isinstance(feature, Windowed):
                new = feature.latest(self._recent)
            else:
                self._states[place], new = feature.stream(self._states[place], row)
            values.extend(new)
        return np.array(values, dtype=np.float64)

    def _check(self, row: Frames) -> None:
        if row.bars.height != 1:
            raise DataError(f"A stream takes one row at a time; found {row.bars.height}")
        last = self._recent
        if (row.instrument, row.timeframe) != (last.instrument, last.timeframe):
            raise DataError(
                f"A stream of {last.instrument.symbol} {last.timeframe} was given a row of "
                f"{row.instrument.symbol} {row.timeframe}"
            )
        if last.bars.height and row.bars["time"][0] <= last.bars["time"][-1]:
            raise DataError(
                f"A stream at {last.bars['time'][-1]} was given a row of {row.bars['time'][0]}; "
                "rows come in the order of time"
            )


def name_of(feature: Feature) -> str:
    """Return the catalogue name of a feature: its file's, or a third party's entry point."""
    kind = type(feature)
    package, _, stem = kind.__module__.rpartition(".")
    if package == "assay.features.library":
        return stem
    for name in FEATURES.names():
        if FEATURES.get(name) is kind:
            return name
    raise SettingsError(f"{kind.__name__} is no plug-in of the catalogue; give it a file or entry")


def make_feature(name: str, settings: Mapping[str, Any]) -> Feature:
    """Return the feature called `name` with `settings`; lists stand for tuples.

    `SettingsError` names an unknown feature or setting, or a value of another kind than the
    setting's default.
    """
    try:
        kind = FEATURES.get(name)
    except NotFoundError as error:
        raise SettingsError(str(error)) from error
    defaults = kind().settings()
    unknown = sorted(set(settings) - set(defaults))
    if unknown:
        known = ", ".join(defaults) or "none"
        raise SettingsError(f"{name} has no setting {', '.join(unknown)}; there are: {known}")
    given = {key: _tuples(value) for key, value in settings.items()}
    for key, value in given.items():
        if _kinds(value) != _kinds(defaults[key]):
            raise SettingsError(
                f"{name}: {key} is a value like {defaults[key]!r}; found {settings[key]!r}"
            )
    return kind(**given)


def _feature(entry: Mapping[str, Any]) -> Feature:
    expected = ("name", "settings", "version", "inputs", "group", "lookback", "warm_up")
    if set(entry) != set(expected):
        raise ArtefactError(
            f"A feature's specification has {', '.join(expected)}; found {', '.join(entry)}"
        )
    feature = make_feature(entry["name"], entry["settings"])
    now = Pipeline((feature,)).spec()[0]
    for key in expected:
        if now[key] != plain(entry[key]):
            raise ArtefactError(
                f"{entry['name']}: the model was made with {key} {entry[key]!r}, the feature now "
                f"has {now[key]!r}; train the model again"
            )
    return feature


def _tuples(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return tuple(value) if isinstance(value, list) else value


def _kinds(value: Any) -> tuple[bool, set[type]]:  # noqa: ANN401 - whatever JSON holds
    several = isinstance(value, tuple)
    return several, {type(item) for item in (value if several else (value,))}
