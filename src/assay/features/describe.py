"""What there is to say about the features, for people who choose among them."""

import inspect
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from assay.core.ids import plain
from assay.features.catalog import FEATURES
from assay.features.contract import Feature, Group
from assay.features.pipeline import name_of
from assay.features.sets import Kind, kind_of


@dataclass(frozen=True, slots=True)
class Description:
    """One feature: `summary` is the first line of its docstring, `text` the whole of it.

    `lookback` and `warm_up` are in bars; `kind` is the information it carries.
    """

    name: str
    group: Group
    kind: Kind
    inputs: tuple[str, ...]
    settings: dict[str, Any]
    columns: tuple[str, ...]
    lookback: int
    warm_up: int
    version: int
    summary: str
    text: str


def describe(feature: Feature) -> Description:
    """Return the description of a feature with its settings."""
    text = inspect.getdoc(type(feature)) or ""
    return Description(
        name=name_of(feature),
        group=feature.group,
        kind=kind_of(feature.group),
        inputs=tuple(sorted(plain(feature.inputs))),
        settings=plain(feature.settings()),
        columns=feature.names,
        lookback=feature.lookback,
        warm_up=feature.warm_up,
        version=feature.version,
        summary=text.partition("\n")[0],
        text=text,
    )


def described(groups: Collection[Group] | None = None) -> tuple[Description, ...]:
    """Return the descriptions of all features with default settings, by group and name.

    `groups` keeps those of some groups only.
    """
    order = list(Group)
    every = (describe(FEATURES.get(name)()) for name in FEATURES.names())
    kept = (one for one in every if groups is None or one.group in groups)
    return tuple(sorted(kept, key=lambda one: (order.index(one.group), one.name)))
