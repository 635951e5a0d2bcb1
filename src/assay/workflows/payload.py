"""All that a signal says of itself, as plain data: what is stored, shown and explained."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from assay.core.flat import deep, flat
from assay.core.values.conviction import Conviction
from assay.core.values.decision import Decision
from assay.core.values.view import SealedView, Verdict
from assay.fusion.fitted import FittedFusion
from assay.kernel.costs import default_round_trips
from assay.workflows.desk import Desk
from assay.workflows.gather import Prepared, micros
from assay.workflows.speak import Spoken

NO_LEAN = 1e-9
"""Log-odds this near to the usual ones lean to no side: it is the rounding of sums."""


def is_in_sample(fitted: FittedFusion, at: datetime) -> bool:
    """Say whether the fusion knew what came of a decision at `at` when it was fitted."""
    horizon = fitted.timeframe.minutes * fitted.horizon_bars * 60_000_000
    return micros(at) + horizon <= fitted.last


def round_trip(item: Prepared) -> float:
    """Return what a round trip costs at the last close, as a fraction of the price."""
    price = item.bars.frame["close"].tail(1).to_numpy()
    return float(default_round_trips(item.instrument, price)[0])


@dataclass(frozen=True, slots=True)
class Made:
    """All that went into one signal, in the order in which it was made; `cost` is `round_trip`."""

    item: Prepared
    fitted: FittedFusion
    spoken: Spoken
    sealed: SealedView
    conviction: Conviction
    verdict: Verdict
    cost: float
    decision: Decision
    promoted: frozenset[str] | None


def payload_of(desk: Desk, signal_id: str, made: Made) -> dict[str, Any]:
    """Return the signal as plain data, with its evidence, its members and what they read."""
    item, fitted, conviction = made.item, made.fitted, made.conviction
    decision, sealed = made.decision, made.sealed
    lean = conviction.log_odds - float(np.log(conviction.base / (1 - conviction.base)))
    start, end = item.bars.first_time, item.bars.last_time
    return {
        "id": signal_id,
        "symbol": conviction.symbol,
        "timeframe": conviction.timeframe,
        "as_of": conviction.as_of,
        "horizon_bars": conviction.horizon_bars,
        "conviction": conviction.score,
        "agreement": conviction.agreement,
        "agreement_by_timeframe": conviction.agreement_by_timeframe,
        "effective_members": conviction.effective_members,
        "tier": conviction.tier,
        "evidence": conviction.evidence,
        "direction": "NONE" if abs(lean) < NO_LEAN else "UP" if lean > 0 else "DOWN",
        "probability": conviction.probability,
        "low": conviction.low,
        "high": conviction.high,
        "base": conviction.base,
        "log_odds": conviction.log_odds,
        "expected_move": conviction.expected_move,
        "volatility": conviction.volatility,
        "entry": decision.entry,
        "stop": decision.stop,
        "target": decision.target,
        "stop_atr": decision.stop_atr,
        "target_atr": decision.target_atr,
        "atr": decision.atr,
        "risk_fraction": decision.risk_fraction,
        "decision": decision.side,
        "reasons": decision.reasons,
        "notes": conviction.reasons,
        "view": deep(sealed.view) | {"entry": sealed.entry, "digest": sealed.digest},
        "verdict": deep(made.verdict),
        "members": _members(made),
        "fusion": {
            "artefact": fitted.id,
            "promoted": None if made.promoted is None else sorted(made.promoted),
            "proven": fitted.proven,
            "p_value": fitted.proof.p_value,
            "gain_nats": fitted.proof.gain,
            "gain_error": fitted.proof.gain_error,
            "proof_days": fitted.proof.days,
            "outcomes": fitted.effective_outcomes,
            "rows": fitted.rows,
            "kappa": fitted.kappa,
            "first": fitted.first,
            "last": fitted.last,
            "level": fitted.settings.level,
            "moderate": fitted.settings.moderate,
            "high": fitted.settings.high,
        },
        "cost_round_trip": made.cost,
        "data": {
            "bars": len(item.bars),
            "first": start,
            "last": end,
            "fingerprint": desk.bars.fingerprint(
                item.series.symbol, item.series.timeframe, start, end
            ),
        },
        "in_sample": is_in_sample(fitted, conviction.as_of),
        "simulated": desk.is_simulated(item.series.symbol, item.series.timeframe),
        "conviction_detail": {
            "probability": conviction.probability,
            "log_odds": conviction.log_odds,
            "score": conviction.score,
            "tier": conviction.tier,
            "evidence": conviction.evidence,
            "fusion": fitted.id,
            "parts": [[p.member, p.timeframe, p.artefact, p.part] for p in conviction.parts],
        },
    }


def _members(made: Made) -> list[dict[str, Any]]:
    by_artefact = {(f.member, f.timeframe, f.artefact): f for f in made.spoken.forecasts}
    members = []
    for part in made.conviction.parts:
        forecast = by_artefact.get((part.member, part.timeframe, part.artefact))
        spoke = made.spoken.accounts.get(part.artefact)
        members.append(
            flat(part)
            | {
                "classes": flat(forecast.classes) if forecast else None,
                "quantiles": dict(forecast.quantiles) if forecast else None,
                "volatility": forecast.volatility if forecast else None,
                "made_at": forecast.made_at if forecast else None,
                "account": spoke.to_json() if spoke else None,
            }
        )
    return members
