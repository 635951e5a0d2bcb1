"""Which reasons stand against a position now, and what would lift each: computed, not canned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.core.calendars.calendar import calendar
from assay.core.values.instrument import Instrument
from assay.core.values.reason import Reason
from assay.fusion.fitted import FittedFusion
from assay.risk.settings import RiskSettings
from assay.workflows.whatif import Costs, Threshold, days_until_proven, family_weights

SHRINKING = frozenset(
    {Reason.REFEREE_ABSTAINED, Reason.REFEREE_CAPPED, Reason.PROTECTED, Reason.EXPOSURE_LIMIT}
)
"""Reasons that make a position smaller and forbid none, unless nothing is left of it."""
NOT_MEASURED = 0.5
"""A standard error in nats that only a skill nobody could measure has."""


@dataclass(frozen=True, slots=True)
class Lift:
    """One reason: what it means, whether it alone forbids a position, and what would lift it."""

    code: str
    sentence: str
    blocks: bool
    lift: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a reason can be held against; `fitted` is None where it cannot be read."""

    payload: Mapping[str, Any]
    instrument: Instrument
    settings: RiskSettings
    fitted: FittedFusion | None
    thresholds: tuple[Threshold, ...]
    costs: Costs


def lifts(case: Case) -> tuple[Lift, ...]:
    """Return a line for every reason of the decision, and for notes that kept it from HIGH."""
    decided = [Reason(code) for code in case.payload["reasons"]]
    noted = [Reason(code) for code in case.payload["notes"] if Reason(code) not in decided]
    waiting = case.payload["decision"] == "WAIT"
    return tuple(
        Lift(
            reason.value,
            reason.sentence,
            waiting and reason in decided and _forbids(case, reason),
            _SAYS[reason](case),
        )
        for reason in (*decided, *noted)
    )


def _forbids(case: Case, reason: Reason) -> bool:
    if reason is Reason.REFEREE_ABSTAINED:
        return case.settings.abstain_cap <= 0
    if reason is Reason.REFEREE_CAPPED:
        return bool(case.payload["verdict"]["size_cap"] <= 0)
    if reason is Reason.CHALLENGED:
        return case.settings.challenge_vetoes or case.payload["verdict"]["size_cap"] <= 0
    return reason not in SHRINKING


def _low(case: Case) -> str:
    goal = next((t for t in case.thresholds if t.goal == "MODERATE"), None)
    return f"MODERATE is {goal.sentence}" if goal else "the fitted fusion cannot be read"


def _unproven(case: Case) -> str:
    said = case.payload["fusion"]
    if said["gain_nats"] <= 0:
        return (
            f"out of sample the pool was {-said['gain_nats'] * 1e4:.1f}e-4 nats a bar worse than "
            "climatology: it needs better members, not more days"
        )
    if case.fitted is None:
        return f"its p-value, {said['p_value']:.3f}, must come down to {said['level']:.2f}"
    if case.fitted.proven:
        return (
            "the pool is proven with all its members; more than half of their weight must be here"
        )
    least = case.fitted.settings.least_effective
    if said["outcomes"] < least:
        return f"{said['outcomes']:,} outcomes that do not overlap are there, {least:,} are asked"
    if case.fitted.proof.p_value <= said["level"]:
        return f"{said['proof_days']:,} days are too few; more are asked"
    days = days_until_proven(case.fitted)
    grown = f"at the same gain a day that takes about {days:,.0f} days" if days else "none would do"
    return (
        f"its p-value, {said['p_value']:.3f} over {said['proof_days']:,} days, must come down to "
        f"{said['level']:.2f}: {grown}"
    )


def _no_evidence(case: Case) -> str:
    members = case.payload["members"]
    if not members:
        return "a trained member"
    measured = [p for p in members if 0.0 < p["skill_error"] < NOT_MEASURED]
    if not measured:
        return "one member's skill must exceed its error: none speaks other than climatology yet"
    best = max(measured, key=lambda p: p["skill"] / p["skill_error"])
    return (
        f"one member's skill must exceed its error: nearest is {best['member']} "
        f"{best['timeframe']} with {best['skill'] * 1e4:.1f} ± {best['skill_error'] * 1e4:.1f} "
        "e-4 nats"
    )


def _divergent(case: Case) -> str:
    parts = [p["part"] for p in case.payload["members"]]
    up, down = sum(p for p in parts if p > 0), -sum(p for p in parts if p < 0)
    agreement = case.payload["agreement"]
    coherent = "n/a" if agreement is None else f"{agreement:.0f}"
    said = f"up carries {up:.3f}, down {down:.3f} log-odds, agreement {coherent}"
    if case.fitted is None:
        return said
    return (
        f"{said}; the weaker side must fall below {case.fitted.tau:.3f}, or agreement rise to "
        f"{case.fitted.settings.low_agreement:.0f}"
    )


def _one_family(case: Case) -> str:
    ranked = sorted(family_weights(case.payload).items(), key=lambda item: -item[1])
    least = case.fitted.settings.least_family_weight if case.fitted else 0.0
    second = (
        f"{ranked[1][0]} has {ranked[1][1] * 100:.0f} %" if len(ranked) > 1 else "there is none"
    )
    return f"a second family must carry {least * 100:.0f} % of the weight on this side; {second}"


def _under_cost(case: Case) -> str:
    found = case.costs
    if found.times is None:
        return "the median move the pool expects does not point to its own side"
    return (
        f"the expected move, {found.side_move * 1e4:.1f} basis points, must be "
        f"{found.times:.1f} times as large to pay the {found.needed * 1e4:.1f} of a round trip"
    )


def _challenged(case: Case) -> str:
    verdict, view = case.payload["verdict"], case.payload["view"]
    said = f"its objection would have to go: {verdict['objection'].rstrip('.')}"
    if verdict["challenge"] == "single_model_driven":
        return f"{said}; the others would have to carry more of the evidence"
    if view["p_up"] is None:
        return said
    return f"{said}; its own view gives {view['p_up'] * 100:.0f} % to a rise"


def _abstained(case: Case) -> str:
    why = case.payload["view"]["abstained"]
    cap = case.settings.abstain_cap * 100
    left = f"until then at most {cap:.0f} % of the size"
    if why:
        return (
            f"its blind view abstained ({why.replace('_', ' ')}), so it had none to compare; {left}"
        )
    return f"{case.payload['verdict']['objection'].rstrip('.')}; {left}"


def _market(case: Case) -> str:
    at = datetime.fromisoformat(case.payload["as_of"])
    opens = calendar(case.instrument.calendar).next_open(at)
    return f"the market opens again on {opens:%A %Y-%m-%d %H:%M} UTC"


def _models(case: Case) -> str:
    silent = [p for p in case.payload["members"] if p["classes"] is None]
    named = ", ".join(f"{p['member']} {p['timeframe']}" for p in silent) or "a member"
    return f"{named} could not speak; assay train {case.payload['symbol']} makes it anew"


def _promoted(case: Case) -> str:
    silent = [p for p in case.payload["members"] if p["reason"] == Reason.NOT_PROMOTED]
    named = ", ".join(f"{p['member']} {p['timeframe']}" for p in silent)
    return (
        f"{named} must foretell better than climatology for sure on {case.payload['symbol']}, or "
        "be promoted again if a person retired it (assay models show says which)"
    )


def _capped(case: Case) -> str:
    return f"the analyst leaves {case.payload['verdict']['size_cap'] * 100:.0f} % of the size"


def _small(case: Case) -> str:
    return (
        f"at least {case.settings.least_risk * 100:.3f} % of the equity must be at risk after all "
        "caps"
    )


_SAYS: Mapping[Reason, Callable[[Case], str]] = {
    Reason.NOT_FINITE: lambda case: (
        "every price, range and probability on the way must be a number"
    ),
    Reason.WARM_UP: lambda case: f"more bars of {case.payload['symbol']} must be stored",
    Reason.STALE: lambda case: "a newer bar must arrive",
    Reason.MARKET_CLOSED: _market,
    Reason.BAD_BAR: lambda case: (
        "the flagged bar must be corrected (assay data check --fix), or 14 sound ones follow it"
    ),
    Reason.MISSING_MODEL: _models,
    Reason.QUARANTINED: _models,
    Reason.DIVERGENT: _divergent,
    Reason.LOW_CONVICTION: _low,
    Reason.UNPROVEN: _unproven,
    Reason.NO_EVIDENCE: _no_evidence,
    Reason.NOT_PROMOTED: _promoted,
    Reason.ONE_FAMILY: _one_family,
    Reason.CHALLENGED: _challenged,
    Reason.REFEREE_ABSTAINED: _abstained,
    Reason.UNDER_COST: _under_cost,
    Reason.TOO_SMALL: _small,
    Reason.EXPOSURE_LIMIT: lambda case: "other positions must be closed or shrink",
    Reason.LOSS_LIMIT: lambda case: "the day or week of the loss must end, or equity recover",
    Reason.PROTECTED: lambda case: "the capital-protection member must allow more",
    Reason.REFEREE_CAPPED: _capped,
    Reason.LOW_COVERAGE: lambda case: (
        f"the missing bars of {case.payload['symbol']} must be stored (assay data fill-gaps)"
    ),
    Reason.SILENT_FEED: lambda case: "news or figures must arrive again (assay news, assay macro)",
    Reason.CORRECTED: lambda case: f"assay train {case.payload['symbol']} must be run again",
}
