"""Walk one issued signal back: why, how do you know, what would change it, what came of it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.ids import plain
from assay.core.values.reason import Reason
from assay.features.contract import Feature
from assay.features.describe import describe
from assay.fusion.fitted import FittedFusion
from assay.kernel.barrier import Hit, Resolution, barrier
from assay.store.signals import SignalRow, Signals
from assay.workflows.desk import Desk
from assay.workflows.gather import CLASS_LABEL, pipeline_of
from assay.workflows.issue import risk_settings
from assay.workflows.lifts import SHRINKING, Case, Lift, lifts
from assay.workflows.provenance import Provenance, provenance
from assay.workflows.recorded import as_recorded
from assay.workflows.whatif import (
    Costs,
    Repooled,
    Silenced,
    Threshold,
    costs,
    fusion_by_id,
    moments_again,
    repooled,
    silenced,
    thresholds,
)

SHOWN_DRIVERS = 5
LIMIT_BARS = 12
"""How many bars a position's stop and target are looked for in what happened since."""


@dataclass(frozen=True, slots=True)
class Driver:
    """What one feature did to a member: `moved` is in the member's own raw log-odds of up."""

    column: str
    value: float | None
    moved: float
    feature: str | None
    summary: str


@dataclass(frozen=True, slots=True)
class Part:
    """One member's additive part in the pooled log-odds, and what drove it; `note` says why not.

    `method` is how the drivers were found, `withheld` why there are none to show. `moments` say how
    much each stretch of its window did, as (first bar, last bar, moved), counted back from 0, the
    bar of the signal. `leans_on` names what it listens to in general.
    """

    member: str
    family: str
    timeframe: str
    probability: float
    part: float
    weight: float
    note: str | None
    drivers: tuple[Driver, ...]
    method: str | None
    withheld: str | None
    moments: tuple[tuple[int, int, float], ...]
    leans_on: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The decision and what it adds up from: `base_log_odds` + parts = `log_odds`."""

    sentence: str
    decision: str
    direction: str
    probability: float
    low: float
    high: float
    base: float
    base_log_odds: float
    log_odds: float
    conviction: float
    tier: str
    evidence: str
    agreement: float | None
    agreement_by_timeframe: Mapping[str, float | None]
    effective_members: float
    parts: tuple[Part, ...]
    view: Mapping[str, Any]
    verdict: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would change it; `repool.problem` says why thresholds and silences are missing."""

    repool: Repooled
    thresholds: tuple[Threshold, ...]
    silenced: tuple[Silenced, ...]
    costs: Costs
    reasons: tuple[Lift, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """What happened after the bar: hindsight, which the signal could not know.

    `bars` of the horizon are stored; `scaled` is the log return over them in the volatility that
    was expected over the horizon. `outcome` is up, down or flat (within the label's band), None
    while the horizon is still open; `hit` whether that was the pool's side, None where it moved
    too little or the pool had no side. `exit` says what a position met first.
    """

    bars: int
    horizon_bars: int
    until: datetime
    log_return: float
    scaled: float
    outcome: str | None
    hit: bool | None
    exit: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about one signal; times UTC."""

    id: str
    symbol: str
    timeframe: str
    as_of: datetime
    made_at: datetime
    why: Why
    how: Provenance
    what_if: WhatIf
    since: Since | None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        found: dict[str, Any] = plain(asdict(self))
        return found


def explain(desk: Desk, text: str) -> Explanation:
    """Return the explanation of the signal whose id is `text` or begins with it.

    A row of signals that is not what the journal recorded is a `JournalError`: there is nothing to
    explain in what was not issued.
    """
    row = as_recorded(desk, Signals(desk.journal).find(text))
    fitted, problem = _fusion(desk, row)
    return Explanation(
        id=row.id,
        symbol=row.symbol,
        timeframe=row.timeframe.value,
        as_of=row.as_of,
        made_at=row.made_at,
        why=_why(desk, row),
        how=provenance(desk, row, fitted, problem),
        what_if=_what_if(desk, row, fitted, problem),
        since=_since(desk, row),
    )


def _fusion(desk: Desk, row: SignalRow) -> tuple[FittedFusion | None, str | None]:
    try:
        return fusion_by_id(desk, row.payload["fusion"]["artefact"]), None
    except (ArtefactError, NotFoundError) as error:
        return None, str(error)


def _why(desk: Desk, row: SignalRow) -> Why:
    said = row.payload
    features = _features(desk, row)
    parts = [_part(part, features) for part in said["members"]]
    parts.sort(key=lambda one: -abs(one.part))
    base = math.log(said["base"] / (1.0 - said["base"]))
    return Why(
        sentence=sentence(said),
        decision=said["decision"],
        direction=said["direction"],
        probability=said["probability"],
        low=said["low"],
        high=said["high"],
        base=said["base"],
        base_log_odds=base,
        log_odds=said["log_odds"],
        conviction=said["conviction"],
        tier=said["tier"],
        evidence=said["evidence"],
        agreement=said["agreement"],
        agreement_by_timeframe=said["agreement_by_timeframe"],
        effective_members=said["effective_members"],
        parts=tuple(parts),
        view=said["view"],
        verdict=said["verdict"],
    )


def sentence(said: Mapping[str, Any]) -> str:
    """Return the decision in a sentence."""
    lean = {"UP": "lean up", "DOWN": "lean down", "NONE": "lean to no side"}[said["direction"]]
    members = (
        f"the members together {lean}: {said['probability'] * 100:.1f} % to a rise, if it moves, "
        f"where {said['base'] * 100:.1f} % is usual"
    )
    if said["decision"] == "WAIT":
        count = sum(Reason(code) not in SHRINKING for code in said["reasons"]) or 1
        against = "one thing speaks" if count == 1 else f"{count} things speak"
        return f"Stay out of {said['symbol']}: {against} against a position. For now {members}."
    verb = "Buy" if said["decision"] == "LONG" else "Sell"
    return (
        f"{verb} {said['symbol']} with a stop at {said['stop']:g} and a target at "
        f"{said['target']:g}, risking {said['risk_fraction'] * 100:.2f} % of the equity: {members}."
    )


def _features(desk: Desk, row: SignalRow) -> dict[str, Feature]:
    """Return the feature that makes each column, on every timeframe that spoke."""
    pipeline = pipeline_of(desk.instrument(row.symbol).asset_class, row.timeframe, "full")
    return {name: feature for feature in pipeline.features for name in feature.names}


def _part(part: Mapping[str, Any], features: Mapping[str, Feature]) -> Part:
    told = part.get("account") or {"drivers": part.get("drivers", [])}
    return Part(
        member=part["member"],
        family=part["family"],
        timeframe=part["timeframe"],
        probability=part["probability"],
        part=part["part"] + 0.0,
        weight=part["weight"],
        note=_note(part),
        drivers=tuple(_driver(one, features) for one in told["drivers"][:SHOWN_DRIVERS]),
        method=told.get("method"),
        withheld=told.get("withheld"),
        moments=tuple((first, last, by) for first, last, by in told.get("moments", ())),
        leans_on=tuple((name, by) for name, by in told.get("leans_on", ())),
    )


def _note(part: Mapping[str, Any]) -> str | None:
    """Return why a member's part is nothing, said of that member."""
    if part["reason"] is None:
        return None
    reason = Reason(part["reason"])
    if reason is Reason.NO_EVIDENCE:
        return (
            f"no skill beyond its error so far ({part['skill'] * 1e4:.1f} ± "
            f"{part['skill_error'] * 1e4:.1f} e-4 nats)"
        )
    own = {
        Reason.NOT_FINITE: "could not speak",
        Reason.NOT_PROMOTED: "not promoted by the gate: it has to foretell better than "
        f"climatology for sure ({part['skill'] * 1e4:.1f} ± {part['skill_error'] * 1e4:.1f} e-4 "
        "nats so far)",
        Reason.MISSING_MODEL: "unknown to the fitted fusion",
    }
    return own.get(reason, reason.of_member.rstrip("."))


def _driver(driver: Mapping[str, Any], features: Mapping[str, Feature]) -> Driver:
    feature = features.get(driver["feature"])
    if feature is None:
        name, summary = None, "this version does not compute it any more"
    else:
        described = describe(feature)
        name, summary = described.name, described.summary
        for setting, value in described.settings.items():
            if not isinstance(value, list):
                summary = summary.replace(f"`{setting}`", f"{value:g}")
    return Driver(driver["feature"], driver["value"], driver["moved"], name, summary)


def _what_if(
    desk: Desk, row: SignalRow, fitted: FittedFusion | None, problem: str | None
) -> WhatIf:
    payload, settings = row.payload, risk_settings(desk)
    price = costs(payload, settings)
    repool = Repooled(None, same=False, problem=problem)
    marks: tuple[Threshold, ...] = ()
    quiet: tuple[Silenced, ...] = ()
    if fitted is not None:
        marks = thresholds(payload, fitted)
        try:
            moments = moments_again(desk, payload, fitted)
            repool = repooled(payload, moments, fitted)
            quiet = silenced(payload, moments, fitted)
        except NotFoundError as error:
            repool = Repooled(None, same=False, problem=str(error))
    case = Case(payload, desk.instrument(row.symbol), settings, fitted, marks, price)
    return WhatIf(repool, marks, quiet, price, lifts(case))


def _since(desk: Desk, row: SignalRow) -> Since | None:
    """Return what the bars after the signal say, None where there are none yet."""
    said = row.payload
    try:
        bars = desk.bars.read(desk.instrument(row.symbol), row.timeframe, start=row.as_of).frame
    except NotFoundError:
        return None
    if bars.height < 2 or bars["time"][0] != row.as_of:
        return None
    horizon = said["horizon_bars"]
    last = min(horizon, bars.height - 1)
    moved = math.log(bars["close"][last] / bars["close"][0])
    scaled = moved / said["volatility"]
    band = CLASS_LABEL["band"]
    outcome = None
    if last == horizon:
        outcome = "up" if scaled > band else "down" if scaled < -band else "flat"
    sides = {"UP": "up", "DOWN": "down"}
    hit = None
    if outcome in sides.values() and said["direction"] in sides:
        hit = outcome == sides[said["direction"]]
    return Since(
        bars=last,
        horizon_bars=horizon,
        until=bars["time"][last],
        log_return=moved,
        scaled=scaled,
        outcome=outcome,
        hit=hit,
        exit=_exit(said, bars[1 : LIMIT_BARS + 1].rows(named=True)),
    )


def _exit(said: Mapping[str, Any], bars: list[dict[str, Any]]) -> str | None:
    """Return what a position filled at the next open met first; none was taken: None."""
    if said["stop"] is None:
        return None
    side = 1 if said["decision"] == "LONG" else -1
    shift = bars[0]["open"] - said["entry"]
    stop, target = said["stop"] + shift, said["target"] + shift
    for number, bar in enumerate(bars, 1):
        hit, price, doubtful = barrier(
            bar["open"],
            bar["high"],
            bar["low"],
            stop,
            target,
            side,
            int(Resolution.PESSIMISTIC),
            0,
        )
        if hit:
            first = "; both were reached, the stop is taken to be first" if doubtful else ""
            return f"the {Hit(hit).name.lower()} was met on bar {number} at {price:g}{first}"
    return f"neither stop nor target was met within {len(bars)} bars"
