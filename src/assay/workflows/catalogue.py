"""What there is: trained models with their cards, features with their last values, the journal."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

import numpy as np

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.ids import plain
from assay.core.names import listed, unknown
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.contract import Group
from assay.features.describe import Description, described
from assay.features.pipeline import name_of
from assay.features.sets import Which, default_features
from assay.fusion.fitted import FittedFusion
from assay.models.loading import load
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts, GateVerdict
from assay.store.findings import SubjectKind, Verdicts
from assay.workflows.columns import set_of
from assay.workflows.desk import Desk
from assay.workflows.gather import Series, pipeline_of, prepare
from assay.workflows.whatif import fusion_by_id

SPARE_ROWS = 60


def models(
    desk: Desk, *, symbol: str | None = None, timeframe: Timeframe | None = None
) -> list[dict[str, Any]]:
    """Return every artefact, the newest first, with the gate's newest verdict on it."""
    name = desk.instrument(symbol).symbol if symbol else None
    registry = Artefacts(desk.database)
    gate = registry.newest_verdicts()
    return [
        _line(row, gate.get(row.id)) | {"spans": _spans(row)}
        for row in registry.list(symbol=name, timeframe=timeframe)
    ]


def _line(row: ArtefactRow, gate: GateVerdict | None) -> dict[str, Any]:
    return {
        "artefact": row.id,
        "kind": row.kind.value,
        "member": row.member,
        "family": row.family,
        "timeframe": row.timeframe.value,
        "symbols": list(row.symbols),
        "made_at": row.made_at,
        "simulated": row.simulated,
        "gate": gate.value if gate else None,
        "quarantined": row.quarantined,
    }


def _spans(row: ArtefactRow) -> dict[str, Any]:
    return {name: span for name, span in row.spans.items() if isinstance(span, Mapping)}


def model(desk: Desk, text: str) -> dict[str, Any]:
    """Return the card of the artefact whose id begins with `text`, checked before it is shown.

    A member's every hash, shape and golden answer is checked now; what does not hold is an
    `ArtefactError`, and nothing is shown of it. A quarantined one is shown with the reason.
    """
    registry = Artefacts(desk.database)
    row = _found(registry, text)
    verdicts = registry.verdicts(row.id)
    card = _line(row, verdicts[-1].verdict if verdicts else None)
    card["verdicts"] = [plain(asdict(one)) for one in verdicts]
    last = Verdicts(desk.database).latest(SubjectKind.ARTEFACT, row.id)
    card["gate_lines"] = [] if last is None else [plain(asdict(line)) for line in last.lines]
    if row.kind is ArtefactKind.FUSION:
        return card | _fusion_card(fusion_by_id(desk, row.id))
    return card | _member_card(desk, row)


def _found(registry: Artefacts, text: str) -> ArtefactRow:
    try:
        return registry.get(text)
    except NotFoundError as error:
        known = {row.id[: max(len(text), 4)]: row for row in registry.list()}
        near = get_close_matches(text, known, n=2, cutoff=0.5)
        if not near or "Several" in str(error):
            raise
        named = listed([f"{n} of {known[n].member} {known[n].timeframe}" for n in near], "or")
        raise NotFoundError(
            f"No artefact begins with {text!r} (did you mean {named}?); assay models list names "
            "them all"
        ) from None


def _member_card(desk: Desk, row: ArtefactRow) -> dict[str, Any]:
    path = desk.models / row.path
    if not path.is_dir():
        raise ArtefactError(
            f"The model {row.id[:12]} is registered, but its folder {path} is missing; restore it "
            "from a copy or train again"
        )
    found = load(path)
    return {
        "verified": True,
        "scope": found.scope,
        "settings": dict(found.settings),
        "label": dict(found.label),
        "spans": found.data["spans"],
        "fingerprints": found.data["series"],
        "metrics": found.metrics,
        "calibration": found.calibration.as_json(),
        "features": {
            "columns": list(found.columns),
            "count": len(found.features),
            "hash": found.features_hash,
        },
        "environment": dict(found.environment),
        "parents": list(found.parents),
    }


def _fusion_card(fitted: FittedFusion) -> dict[str, Any]:
    weight = fitted.learned.nominal_weight
    return {
        "verified": True,
        "evidence": fitted.evidence,
        "proof": asdict(fitted.proof),
        "outcomes": fitted.effective_outcomes,
        "rows": fitted.rows,
        "effective_members": fitted.effective,
        "kappa": fitted.kappa,
        "base": fitted.base,
        "settings": fitted.settings.plain(),
        "producers": [
            {
                "member": producer.member,
                "family": producer.family,
                "timeframe": producer.timeframe.value,
                "artefact": producer.artefact,
                "weight": float(weight[i]),
                "slope": fitted.slope[i],
                "skill": fitted.skill[i],
                "skill_error": fitted.skill_error[i],
                "cluster": fitted.cluster[i],
            }
            for i, producer in enumerate(fitted.producers)
        ],
    }


def features(groups: Collection[str] = (), which: Which | None = None) -> list[dict[str, Any]]:
    """Return the features of some groups, all by default, with the markets that start with them.

    `which` keeps those of the standard set, or those that the full one has beside it.
    """
    wanted = [group_called(name) for name in groups]
    markets = _markets()
    found = [_described(one, markets) for one in described(wanted or None)]
    return [one for one in found if which is None or one["set"] == which]


def group_called(name: str) -> Group:
    """Return the group of features called `name`, or say which one is near."""
    try:
        return Group(name.strip().lower())
    except ValueError:
        raise unknown(
            "group of features", name, list(Group), listed_by="assay features list"
        ) from None


def feature(name: str) -> dict[str, Any]:
    """Return one feature, by its own name or by that of one of its columns."""
    every = described()
    asked = name.strip().lower()
    for one in every:
        if asked in (one.name, *one.columns):
            return _described(one, _markets())
    names = [n for one in every for n in (one.name, *one.columns)]
    raise unknown("feature", name, names, listed_by="assay features list")


def _described(one: Description, markets: Mapping[str, Collection[str]]) -> dict[str, Any]:
    found = asdict(one) | {"group": one.group.value, "columns": list(one.columns)}
    starts = [market for market, names in markets.items() if one.name in names]
    return found | {
        "inputs": list(one.inputs),
        "default_for": starts,
        "set": set_of(one.name),
    }


def _markets() -> Mapping[str, Collection[str]]:
    """Return the names of the features that each kind of market starts with."""
    return {kind.value: {name_of(f) for f in default_features(kind)} for kind in AssetClass}


def feature_values(desk: Desk, symbol: str, timeframe: Timeframe) -> dict[str, Any]:
    """Return the features of the last stored bar, with that bar's time; null where not known."""
    instrument = desk.instrument(symbol)
    pipeline = pipeline_of(instrument.asset_class, timeframe, desk.features)
    item = prepare(desk, Series(instrument.symbol, timeframe), rows=pipeline.warm_up + SPARE_ROWS)
    last, order = item.x[-1], list(Group)
    return {
        "symbol": instrument.symbol,
        "timeframe": timeframe.value,
        "as_of": item.bars.last_time,
        "values": [
            {
                "column": name,
                "group": pipeline.groups[name].value,
                "value": float(last[place]) if np.isfinite(last[place]) else None,
            }
            for place, name in sorted(
                enumerate(item.columns), key=lambda one: order.index(pipeline.groups[one[1]])
            )
        ],
    }
