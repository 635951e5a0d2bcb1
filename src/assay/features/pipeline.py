"""Features in a fixed order: in batch, bar by bar, and as a specification saved with the model."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.errors import ArtefactError, NotFoundError, SettingsError
from assay.core.ids import digest, plain
from assay.features.batch import computed
from assay.features.catalog import FEATURES
from assay.features.contract import Feature, Frames, Group
from assay.features.parts import Recent
from assay.features.stateful import Stateful
from assay.features.windowed import Windowed
from assay.features.windows import Vector, compile_windows

NEAR = 128
"""Features of a stream that look back no further share a window of their own, a short one."""


@dataclass(frozen=True)
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

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns, in order."""
        return tuple(name for feature in self.features for name in feature.names)

    @property
    def groups(self) -> dict[str, Group]:
        """Return the group of each column."""
        return {name: feature.group for feature in self.features for name in feature.names}

    @cached_property
    def lookback(self) -> int:
        """Return how many rows, this one included, the first complete row needs."""
        return max(feature.lookback for feature in self.features)

    @cached_property
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

    def compute(self, frames: Frames, *, threads: int | None = None) -> pl.DataFrame:
        """Return `time` and all columns (Float64, null in the warm-up) for every row."""
        columns = computed(self.features, frames, np.float64, threads)
        series = [
            pl.Series(name, column, nan_to_null=True)
            for name, column in zip(self.columns, columns.T, strict=True)
        ]
        return frames.bars.select("time").hstack(series)

    def matrix(self, frames: Frames, *, threads: int | None = None) -> NDArray[np.float32]:
        """Return the columns as members read them: (rows, columns), NaN where null."""
        return computed(self.features, frames, np.float32, threads)

    def stream(self, frames: Frames) -> "Stream":
        """Return the live form after `frames`; the promised precision needs `warm_up` rows."""
        return Stream(self, frames)


@cache
def _hash_of(pipeline: Pipeline) -> str:
    return digest(pipeline.spec())


class Stream:
    """A pipeline that goes on bar by bar; the features share the newest rows and their averages."""

    def __init__(self, pipeline: Pipeline, frames: Frames) -> None:
        compile_windows()
        self._width = len(pipeline.columns)
        self._windowed: list[tuple[slice, Windowed]] = []
        self._stateful: list[tuple[slice, Stateful, Any]] = []
        self._others: list[tuple[slice, Feature, Any]] = []
        place = 0
        for feature in pipeline.features:
            places = slice(place, place + len(feature.names))
            place = places.stop
            if isinstance(feature, Windowed):
                self._windowed.append((places, feature))
            elif isinstance(feature, Stateful):
                memory, _ = feature.go_on(feature.begin(), frames)
                self._stateful.append((places, feature, memory))
            else:
                self._others.append((places, feature, feature.start(frames)))
        lookbacks = [feature.lookback for _, feature in self._windowed]
        self._longest = max(lookbacks, default=1)
        self._near = max((rows for rows in lookbacks if rows <= NEAR), default=1)
        self._reaches = {feature.rows_seen for _, feature, _ in self._stateful}
        self._recent = Recent(frames, max(self._longest, *self._reaches, 1))

    def push(self, row: Frames) -> Vector:
        """Return the columns, in order, for one more row; NaN where the batch form has null.

        `DataError` unless `row` is one row of the same market, later than the last one.
        """
        self._recent.push(row)
        found: list[float | None] = [None] * self._width
        near, far = self._recent.last(self._near), self._recent.last(self._longest)
        for places, feature in self._windowed:
            found[places] = feature.latest(near if feature.lookback <= NEAR else far)
        newest = {reach: self._recent.last(reach) for reach in self._reaches}
        for number, (places, stateful, memory) in enumerate(self._stateful):
            after, found[places] = stateful.step(memory, newest[stateful.rows_seen])
            self._stateful[number] = places, stateful, after
        for number, (places, other, state) in enumerate(self._others):
            after, found[places] = other.stream(state, row)
            self._others[number] = places, other, after
        return np.array(found, dtype=np.float64)


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
