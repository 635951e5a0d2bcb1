"""Where a signal comes from: its models, its bars, its journal entries, each checked again now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.ids import canonical
from assay.core.values.timeframe import Timeframe
from assay.fusion.fitted import FittedFusion
from assay.fusion.interval import NORMAL_90
from assay.models.loading import LoadedModel, load
from assay.store.artefacts import Artefacts
from assay.store.journal import VIEW_STAGE
from assay.store.signals import SignalRow
from assay.store.verify import SIGNAL_STAGE
from assay.workflows.desk import Desk
from assay.workflows.gather import moment_of

LEARNED = ("train", "stop", "calibrate")


@dataclass(frozen=True, slots=True)
class Proven:
    """How far the pool's skill is proven; gains in nats a bar over climatology.

    `low` and `high` are the 90 % interval of the gain. `like_hits` is the share of hits that a
    constant lean of that worth would have (0.5 at no gain), None where there is no gain.
    `over_best` is the gain over the best single member, `over_equal` over equal weights.
    """

    evidence: str
    gain: float
    low: float
    high: float
    like_hits: float | None
    p_value: float
    level: float
    days: int
    outcomes: int
    first: datetime
    last: datetime
    fusion: str
    over_best: float | None
    over_equal: float | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """One member's artefact: what it learned from, and whether it is still what it was.

    `spans` maps train, stop and calibrate to start, end and rows. `state` is verified (every hash
    and golden answer checked now), damaged, missing or quarantined; `problem` says what is wrong.
    """

    member: str
    timeframe: str
    family: str
    artefact: str
    skill: float
    skill_error: float
    weight: float
    spans: Mapping[str, Mapping[str, Any]]
    series: tuple[str, ...]
    state: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """The bars the decision was made on, and whether they are still the same.

    `changed` counts bars that were corrected, added or lost since; `corrections` are those written
    since, with their reasons.
    """

    bars: int
    first: datetime
    last: datetime
    fingerprint: str
    now: str | None
    same: bool
    changed: int | None
    corrections: tuple[Mapping[str, Any], ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """The signal's journal entries and what they prove.

    `sealed_first` says that the analyst's view was sealed before anything the models said was
    written, by numbers and by the digests that chain them. `intact` is the whole journal.
    """

    entries: tuple[Mapping[str, Any], ...]
    sealed_first: bool
    seal_holds: bool
    intact: bool
    problem: str | None
    read: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """All of it; `warnings` are what a reader must know before believing the signal."""

    proof: Proven
    sources: tuple[Source, ...]
    seen: Seen
    journal: Recorded
    simulated: bool
    warnings: tuple[str, ...]


def provenance(
    desk: Desk, row: SignalRow, fitted: FittedFusion | None, problem: str | None
) -> Provenance:
    """Return where the signal `row` comes from; nothing that was damaged since stops it.

    `fitted` is the fusion it was pooled with, None where `problem` says why it cannot be read.
    """
    payload = row.payload
    proof = _proof(payload, fitted, problem)
    sources = tuple(_source(desk, part) for part in payload["members"])
    seen = _seen(desk, row)
    return Provenance(
        proof=proof,
        sources=sources,
        seen=seen,
        journal=_recorded(desk, row),
        simulated=row.simulated,
        warnings=tuple(_warnings(row, proof, sources)),
    )


def _proof(payload: Mapping[str, Any], fitted: FittedFusion | None, problem: str | None) -> Proven:
    said = payload["fusion"]
    gain, half = said["gain_nats"], NORMAL_90 * said["gain_error"]
    return Proven(
        evidence=payload["evidence"],
        gain=gain,
        low=gain - half,
        high=gain + half,
        like_hits=like_hits(gain),
        p_value=said["p_value"],
        level=said["level"],
        days=said["proof_days"],
        outcomes=said["outcomes"],
        first=moment_of(said["first"]),
        last=moment_of(said["last"]),
        fusion=said["artefact"],
        over_best=fitted.proof.over_best_single if fitted else None,
        over_equal=fitted.proof.over_equal_weights if fitted else None,
        problem=problem,
    )


def like_hits(gain: float) -> float | None:
    """Return the hit rate whose log score beats a fair coin by `gain` nats; None at no gain.

    The leading term of ln 2 - H(p), 2 (p - 1/2)^2; below 0.02 nats it is right to 0.1 %.
    """
    return min(1.0, 0.5 + float((gain / 2.0) ** 0.5)) if gain > 0 else None


def _source(desk: Desk, part: Mapping[str, Any]) -> Source:
    model, state, problem = checked_model(desk, part["artefact"])
    spans = model.data["spans"] if model else {}
    return Source(
        member=part["member"],
        timeframe=part["timeframe"],
        family=part["family"],
        artefact=part["artefact"],
        skill=part["skill"],
        skill_error=part["skill_error"],
        weight=part["weight"],
        spans={name: dict(spans[name]) for name in LEARNED if name in spans},
        series=tuple(model.data["series"]) if model else (),
        state=state,
        problem=problem,
    )


def checked_model(desk: Desk, artefact: str) -> tuple[LoadedModel | None, str, str | None]:
    """Return a member's model, checked, with its state and what is wrong; changes nothing."""
    try:
        row = Artefacts(desk.database).get(artefact)
        model = load(desk.models / row.path)
    except NotFoundError as error:
        return None, "missing", str(error)
    except ArtefactError as error:
        return None, "damaged", str(error)
    return model, "quarantined" if row.quarantined else "verified", row.quarantined


def _seen(desk: Desk, row: SignalRow) -> Seen:
    said = row.payload["data"]
    first, last = datetime.fromisoformat(said["first"]), datetime.fromisoformat(said["last"])
    now, changed, sentence = None, None, "The stored bars are the same, to the bit."
    corrections: tuple[Mapping[str, Any], ...] = ()
    try:
        now = desk.bars.fingerprint(row.symbol, row.timeframe, first, last)
    except NotFoundError as error:
        sentence = f"The bars are no longer stored: {error}"
    else:
        if now != said["fingerprint"]:
            changed, corrections = _changed(desk, row, first, last)
            sentence = _corrected(changed, corrections)
    return Seen(
        bars=said["bars"],
        first=first,
        last=last,
        fingerprint=said["fingerprint"],
        now=now,
        same=now == said["fingerprint"],
        changed=changed,
        corrections=corrections,
        sentence=sentence,
    )


def _changed(
    desk: Desk, row: SignalRow, first: datetime, last: datetime
) -> tuple[int, tuple[Mapping[str, Any], ...]]:
    """Return how many bars of the span are new since the signal, and the corrections since."""
    instrument = desk.instrument(row.symbol)
    now = desk.bars.read(instrument, row.timeframe, first, last).frame
    then = desk.bars.read(instrument, row.timeframe, first, last, known_at=row.made_at).frame
    corrections = tuple(
        {"known_at": c.known_at, "reason": c.reason, "rows": c.rows, "first": c.first}
        for c in desk.bars.changes(row.symbol, row.timeframe)
        if c.kind == "correct" and c.known_at > row.made_at and c.first <= last and c.last >= first
    )
    return now.join(then, on=now.columns, how="anti").height, corrections


def _corrected(changed: int, corrections: tuple[Mapping[str, Any], ...]) -> str:
    if not changed:
        return "The stored bars have another fingerprint, and no correction explains it."
    was = "bar was" if changed == 1 else "bars were"
    why = f" ({corrections[-1]['reason']})" if corrections else ""
    return (
        f"{changed:,} of these {was} corrected after the signal was made{why}; issued today it "
        "might say something else."
    )


def _recorded(desk: Desk, row: SignalRow) -> Recorded:
    entries = desk.journal.entries(row.id)
    found = desk.journal.verify()
    numbers = {entry.stage: entry.no for entry in reversed(entries)}
    view = next((e for e in entries if e.stage == VIEW_STAGE), None)
    sealed, verdict = row.payload["view"], row.payload["verdict"]
    told = {k: v for k, v in sealed.items() if k not in ("entry", "digest")}
    holds = (
        view is not None
        and view.digest == sealed["digest"] == verdict["sealed"]
        and canonical(view.payload) == canonical(told)
    )
    others = [no for stage, no in numbers.items() if stage != VIEW_STAGE]
    return Recorded(
        entries=tuple(
            {"no": e.no, "at": e.at, "stage": e.stage, "digest": e.digest} for e in entries
        ),
        sealed_first=VIEW_STAGE in numbers
        and SIGNAL_STAGE in numbers
        and all(numbers[VIEW_STAGE] < no for no in others),
        seal_holds=holds,
        intact=found.intact,
        problem=found.problem.sentence if found.problem else None,
        read=found.entries,
    )


def _warnings(row: SignalRow, proof: Proven, sources: tuple[Source, ...]) -> list[str]:
    found = []
    if row.simulated:
        found.append("Simulated: the bars come from a simulated market.")
    if proof.last > row.as_of:
        found.append(
            f"Hindsight: the pool learned from outcomes up to {proof.last:%Y-%m-%d}, after this "
            f"bar of {row.as_of:%Y-%m-%d}; what it says here shows how it speaks, not how well it "
            "predicts. A backtest refits it on the past alone."
        )
    late = row.made_at - row.as_of
    if late > 3 * Timeframe(row.timeframe).length:
        found.append(
            f"The signal was made {age(late.total_seconds())} after its bar had closed: a replay, "
            "not a call made at the time."
        )
    broken = [s for s in sources if s.state in ("damaged", "missing")]
    found += [f"{s.member} {s.timeframe}: {s.problem}" for s in broken]
    return found


def age(seconds: float) -> str:
    """Return a length of time in its two largest units, as 3 h 20 min or 2 y 41 d."""
    units = (("y", 365 * 86_400), ("d", 86_400), ("h", 3_600), ("min", 60))
    left = int(max(seconds, 0))
    parts: list[str] = []
    for name, size in units:
        if left >= size or parts:
            parts.append(f"{left // size} {name}")
            left %= size
    said = [part for part in parts[:2] if not part.startswith("0 ")]
    return " ".join(said) or "under a minute"
