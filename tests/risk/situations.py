"""Convictions and contexts for the tests of risk."""

from datetime import UTC, datetime

from assay.core.instruments import instrument
from assay.core.values.conviction import Conviction, Evidence, MemberPart, Tier
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import Verdict, VerdictKind
from assay.risk.decide import Context

AS_OF = datetime(2024, 5, 6, 12, tzinfo=UTC)


def conviction(
    probability: float = 0.58,
    *,
    tier: Tier = Tier.HIGH,
    evidence: Evidence = Evidence.PROVEN,
    expected_move: float | None = None,
    volatility: float = 0.003,
    base: float = 0.5,
) -> Conviction:
    """Return an opinion on EURUSD, one part of which carries it all."""
    move = (probability - base) * 2.5 if expected_move is None else expected_move
    shift = (probability - base) * 4.0
    part = MemberPart(
        "ridge", "linear", Timeframe.H1, probability, shift, 1.0, shift, 1e-3, 1e-4, "artefact"
    )
    return Conviction(
        symbol="EURUSD",
        timeframe=Timeframe.H1,
        horizon_bars=4,
        as_of=AS_OF,
        probability=probability,
        low=max(0.0, probability - 0.03),
        high=min(1.0, probability + 0.03),
        base=base,
        log_odds=shift,
        score=90.0,
        agreement=90.0,
        agreement_by_timeframe={},
        effective_members=2.0,
        tier=tier,
        evidence=evidence,
        expected_move=move,
        volatility=volatility,
        parts=(part,),
        reasons=(),
        artefact="fusion",
    )


def verdict(kind: VerdictKind, size_cap: float = 1.0) -> Verdict:
    return Verdict(kind, size_cap, (), "The trend is old.", None, None, "rules", "sealed")


def context(**changes: object) -> Context:
    return Context(
        **{
            "instrument": instrument("EURUSD"),
            "cost_fraction": 0.0001,
            "bars_per_year": 6240.0,
            **changes,
        }  # type: ignore[arg-type]  # fields of Context by name
    )
