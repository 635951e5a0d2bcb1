"""What the trained members lean on, over all of them: by column, by feature and by group."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.core.errors import ArtefactError, NotFoundError, SettingsError
from assay.core.names import listed
from assay.core.values.timeframe import Timeframe
from assay.features.contract import Group
from assay.features.pipeline import make_feature
from assay.models.contract import Floats
from assay.models.loading import LoadedModel, load
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.workflows.columns import set_of
from assay.workflows.desk import Desk, Tick, silent

MEANING = (
    "Moved is how far a member's raw log-odds of a rise move, on average, when rows of its "
    "calibrate span swap that column's values: the mean over models, 0 where a model does not read "
    "the column. A share is its part of the sum over columns, the spread its standard deviation "
    "between models. It says what they listen to, not what foretells or causes a move."
)
QUARTER = 4


@dataclass(frozen=True, slots=True)
class _Lean:
    """One model: how far each of its columns moved its answers (F,), in log-odds."""

    model: ArtefactRow
    columns: tuple[str, ...]
    owner: Mapping[str, tuple[str, str]]
    moved: Floats
    whole: bool

    @property
    def top(self) -> frozenset[str]:
        """Return the columns of its top quarter that moved anything."""
        count = -(-len(self.columns) // QUARTER)
        order = np.argsort(-self.moved, kind="stable")[:count].tolist()
        return frozenset(self.columns[place] for place in order if self.moved[place] > 0)


def serving_members(
    desk: Desk, symbols: Sequence[str] = (), timeframe: Timeframe | None = None
) -> list[ArtefactRow]:
    """Return the newest model of each member and scope that is not set aside."""
    names = {desk.instrument(symbol).symbol for symbol in symbols}
    rows = Artefacts(desk.database).list(kind=ArtefactKind.MEMBER, timeframe=timeframe)
    newest: dict[tuple[object, ...], ArtefactRow] = {}
    for row in rows:
        if row.quarantined is None and (not names or names & set(row.symbols)):
            newest.setdefault((row.member, row.timeframe, row.symbols), row)
    return list(newest.values())


def leaning(
    desk: Desk,
    symbols: Sequence[str] = (),
    timeframe: Timeframe | None = None,
    *,
    groups: Collection[Group] = (),
    tick: Tick = silent,
) -> dict[str, Any]:
    """Return what the newest models lean on, as plain data; none at all is a `NotFoundError`.

    `groups` keeps the columns of some groups; shares stay those of all columns.
    """
    rows = serving_members(desk, symbols, timeframe)
    if not rows:
        of = f" for {listed(symbols, 'and')}" if symbols else ""
        at = f" at {timeframe}" if timeframe else ""
        raise NotFoundError(
            f"No member is trained{of}{at}: assay train makes them, and assay features importance "
            "--by ic needs none"
        )
    leans, silent_ones, problems = [], [], []
    for number, row in enumerate(rows, 1):
        try:
            model = load(desk.models / row.path)
            found = _lean(row, model)
        except (ArtefactError, NotFoundError, SettingsError) as error:
            problems.append(f"{row.member} {row.timeframe} {row.id[:12]}: {error}")
        else:
            silent_ones += [] if found else [row]
            leans += [found] if found else []
        tick("Reading models", number, len(rows))
    if not leans:
        raise NotFoundError(
            problems[0]
            if problems
            else f"No column moves the answers of the {len(rows):,} models that are trained"
        )
    return _told(leans, silent_ones, problems, {group.value for group in groups})


def _lean(row: ArtefactRow, model: LoadedModel) -> _Lean | None:
    told = model.metrics.get("explanation")
    if told is None:
        return None
    whole = "swapped" in told
    first = dict(told["leans_on"])
    moved = told["swapped"] if whole else [first.get(name, 0.0) for name in model.columns]
    if not sum(moved) > 0:
        return None
    owner = {
        column: (part["name"], part["group"])
        for part in model.features
        for column in make_feature(part["name"], part["settings"]).names
    }
    return _Lean(row, model.columns, owner, np.asarray(moved, dtype=np.float64), whole)


def _told(
    leans: Sequence[_Lean],
    silent_ones: Sequence[ArtefactRow],
    problems: Sequence[str],
    groups: Collection[str],
) -> dict[str, Any]:
    columns = _columns(leans)
    kept = [one for one in columns if not groups or one["group"] in groups]
    thin = sum(not lean.whole for lean in leans)
    return {
        "by": "members",
        "meaning": MEANING,
        "models": [
            {
                "member": lean.model.member,
                "timeframe": lean.model.timeframe.value,
                "symbols": list(lean.model.symbols),
                "artefact": lean.model.id,
                "columns": len(lean.columns),
                "whole": lean.whole,
            }
            for lean in leans
        ],
        "simulated": any(lean.model.simulated for lean in leans),
        "unmoved": [f"{row.member} {row.timeframe}" for row in silent_ones],
        "partly": thin,
        "columns": kept,
        "features": _summed(kept, "feature"),
        "groups": _summed(columns, "group"),
        "summary": _summary(leans, columns, thin),
        "problems": list(problems),
    }


def _columns(leans: Sequence[_Lean]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(name for lean in leans for name in lean.columns))
    place = {name: number for number, name in enumerate(names)}
    moved = np.zeros((len(leans), len(names)))
    reading = np.zeros(len(names), dtype=np.int64)
    for number, lean in enumerate(leans):
        to = [place[name] for name in lean.columns]
        moved[number, to] = lean.moved
        reading[to] += 1
    share = moved.mean(axis=0) / moved.mean(axis=0).sum()
    tops = [lean.top for lean in leans]
    owner = {name: own for lean in leans for name, own in lean.owner.items()}
    rows = [
        {
            "column": name,
            "feature": owner[name][0],
            "group": owner[name][1],
            "set": set_of(owner[name][0]),
            "moved": float(moved[:, at].mean()),
            "spread": float(moved[:, at].std(ddof=1)) if len(leans) > 1 else None,
            "share": float(share[at]),
            "reading": int(reading[at]),
            "in_top_quarter": sum(name in top for top in tops),
        }
        for name, at in place.items()
    ]
    return sorted(rows, key=lambda one: (-one["share"], one["column"]))


def _summed(columns: Sequence[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in columns:
        own = found.setdefault(
            one[key], {key: one[key], "group": one["group"], "share": 0.0, "columns": 0}
        )
        own["share"] += one["share"]
        own["columns"] += 1
    return sorted(found.values(), key=lambda one: (-one["share"], one[key]))


def _summary(leans: Sequence[_Lean], columns: Sequence[Mapping[str, Any]], thin: int) -> str:
    half, count = 0.0, 0
    for one in columns:
        if half >= 0.5:
            break
        half, count = half + one["share"], count + 1
    models = f"{len(leans):,} models" if len(leans) > 1 else "one model"
    make = "make" if count > 1 else "makes"
    said = (
        f"In {models}, {count:,} of {len(columns):,} columns {make} half of what moves the answers"
    )
    steady = [one for one in columns if one["in_top_quarter"] == one["reading"] == len(leans)]
    if len(leans) > 1:
        every = f"{len(steady):,}" if steady else "none"
        verb = "are" if len(steady) > 1 else "is"
        said += f"; {every} {verb} in the top quarter of every model"
    if thin:
        said += (
            f". {thin:,} models were trained before every column was kept and name their first "
            "eight alone"
        )
    return f"{said}."
