"""Artefacts of fits: which are there already, how a new one is written, and its voice."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.ids import digest
from assay.evaluation.splits import Fold, Part
from assay.models.artefact import write
from assay.models.artefact_files import Origin
from assay.models.loading import LoadedModel, load
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.workflows.desk import Desk
from assay.workflows.gather import CLASS_LABEL, Prepared, Series
from assay.workflows.learn import LEARNING, Learned, MemberPlan, Voice


def key_of(
    plan: MemberPlan,
    items: Sequence[Prepared],
    fold: Fold,
    prints: Mapping[Series, str],
    desk: Desk,
    parent: str | None = None,
) -> str:
    """Return what tells this fit from any other: plan, label, spans, data, seed and device.

    And the artefact that it goes on from, if it does.
    """
    spans = {part: span.to_json() for part, span in fold.spans.items()}
    data = [[str(item.series), prints[item.series], plan.pipeline(item).hash] for item in items]
    made = plan.make()
    told = [plan.name, made.version, made.settings(), CLASS_LABEL, spans, data]
    grown = [] if parent is None else [parent]
    return digest([*told, desk.seed, desk.device, *grown])


def made_before(
    registry: Artefacts, plan: MemberPlan, item: Prepared, key: str
) -> list[ArtefactRow]:
    """Return the artefacts of the same fit, quarantined ones too."""
    rows = registry.list(
        kind=ArtefactKind.MEMBER,
        member=plan.name,
        timeframe=item.series.timeframe,
        symbol=item.series.symbol,
    )
    return [row for row in rows if row.spans.get("key") == key]


def whole(desk: Desk, row: ArtefactRow) -> bool:
    """Say whether an artefact is there and passes every check."""
    try:
        load(desk.models / row.path)
    except (ArtefactError, NotFoundError):
        return False
    return True


def _set_aside(desk: Desk, row: ArtefactRow) -> None:
    """Move a damaged artefact's folder out of the way, so that it can be written again."""
    place, aside = desk.models / row.path, desk.models / f".damaged-{row.id}"
    if place.exists() and not whole(desk, row):
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)


def written(
    desk: Desk,
    registry: Artefacts,
    learned: Learned,
    items: Sequence[Prepared],
    prints: Mapping[Series, str],
    key: str,
    parent: str | None = None,
) -> ArtefactRow:
    """Write the artefact of a fit and register it; what was damaged under its name is set aside.

    `parent` is the artefact that it went on from.
    """
    spans = {str(part): span.to_json() for part, span in learned.fold.spans.items()}
    data = {
        "spans": {str(part): spans[part] | {"rows": learned.rows[part]} for part in LEARNING}
        | {str(Part.FUSE): spans[Part.FUSE]},
        "series": {str(item.series): prints[item.series] for item in items},
        "peers": {str(item.series): list(item.peers) for item in items},
    }
    thin = {str(item.series): str(item.thin) for item in items if item.thin is not None}
    if thin:
        data["thin_feeds"] = thin
    pipeline = learned.plan.pipeline(items[0])
    origin = Origin(
        member=learned.plan.name,
        features=pipeline.spec(),
        features_hash=pipeline.hash,
        label={"name": "three_class", "settings": CLASS_LABEL},
        data=data,
        seed=desk.seed,
        device=desk.device,
        parents=() if parent is None else (parent,),
    )
    for made in made_before(registry, learned.plan, items[0], key):
        _set_aside(desk, made)
    artefact = write(desk.models, learned.member, learned.fitted, origin)
    row = ArtefactRow(
        id=artefact,
        kind=ArtefactKind.MEMBER,
        member=learned.plan.name,
        family=learned.member.family,
        timeframe=learned.timeframe,
        symbols=tuple(sorted(item.series.symbol for item in items)),
        made_at=desk.clock.now(),
        spans=spans | {"key": key},
        path=artefact,
        simulated=any(desk.is_simulated(i.series.symbol, i.series.timeframe) for i in items),
    )
    if not registry.add(row):
        registry.restore(artefact)
    return row


def voice_of(desk: Desk, row: ArtefactRow) -> Voice:
    """Return the voice of a stored artefact, checked; a damaged one is set aside and raised."""
    try:
        model = load(desk.models / row.path)
    except ArtefactError as error:
        Artefacts(desk.database).quarantine(row.id, str(error))
        raise
    return spoken(row, model)


def spoken(row: ArtefactRow, model: LoadedModel) -> Voice:
    """Return the voice of an artefact that was loaded."""
    return Voice(
        member=row.member,
        family=row.family,
        timeframe=row.timeframe,
        series=tuple(Series(symbol, row.timeframe) for symbol in row.symbols),
        since=datetime.fromisoformat(row.spans["fuse"]["start"]),
        base_up=model.calibration.base_up,
        artefact=row.id,
        reads=model.reads,
        answer=lambda asked: model.predict(asked, model.columns)[1],
    )
