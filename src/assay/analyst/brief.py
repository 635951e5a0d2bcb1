"""Phase two's brief: what the models say, laid beside a view that is already sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assay.analyst.blind import BlindBrief
from assay.core.errors import DataError
from assay.core.values.conviction import Conviction, MemberPart
from assay.core.values.forecast import Forecast
from assay.core.values.view import SealedView

MAX_MEMBERS = 12
"""The members with the largest parts are shown; the referee reads no longer lists."""
LEAST_LEAN = 0.001
"""A silent member this near to its own base rate says nothing."""


@dataclass(frozen=True)
class OpenBrief:
    """All that phase two may see; cannot be made before phase one has answered and been sealed.

    The sealed view, the blind brief, the forecasts and the conviction are about one symbol and one
    time: anything else is refused with `DataError`, as is a forecast made after that time.
    """

    own: SealedView
    blind: BlindBrief
    forecasts: tuple[Forecast, ...]
    conviction: Conviction

    def __post_init__(self) -> None:
        if not isinstance(self.own, SealedView) or not self.own.digest:
            raise DataError("An open brief needs the analyst's own view, sealed by the journal")
        view = self.own.view
        expected = (view.symbol, view.as_of)
        for what, found in (
            ("blind brief", (self.blind.symbol, self.blind.as_of)),
            ("conviction", (self.conviction.symbol, self.conviction.as_of)),
        ):
            if found != expected:
                raise DataError(
                    f"The sealed view is on {expected[0]} at {expected[1]}; "
                    f"the {what} was on {found[0]} at {found[1]}"
                )
        for forecast in self.forecasts:
            if forecast.symbol != view.symbol or forecast.made_at > view.as_of:
                raise DataError(
                    f"A forecast by {forecast.member} on {forecast.symbol} at {forecast.made_at} "
                    f"does not belong to {view.symbol} at {view.as_of}"
                )

    @property
    def direction(self) -> int:
        """Return the side of the pool against its own base rate: +1, -1, or 0 where it has none."""
        lean = self.conviction.probability - self.conviction.base
        return (lean > 1e-9) - (lean < -1e-9)

    @cached_property
    def bundle(self) -> dict[str, Any]:
        """Return what is shown, as JSON-ready data, not to be altered; all shares in percent."""
        return {
            "phase": "open",
            "blind": self.blind.bundle,
            "own": self._own(),
            "pool": self._pool(),
            "members": self._members(),
            "forecasts": _forecasts(self.forecasts),
        }

    def _own(self) -> dict[str, Any]:
        view = self.own.view
        return {
            "sealed": self.own.digest,
            "p_up_pct": None if view.p_up is None else round(100 * view.p_up),
            "regime": view.regime,
            "evidence": [{"ref": p.ref, "claim": p.claim} for p in view.evidence],
            "counter_evidence": [{"ref": p.ref, "claim": p.claim} for p in view.counter_evidence],
            "abstained": view.abstained,
        }

    def _pool(self) -> dict[str, Any]:
        pool = self.conviction
        return {
            "direction": {1: "up", -1: "down", 0: "none"}[self.direction],
            "probability_pct": round(100 * pool.probability, 1),
            "low_pct": round(100 * pool.low, 1),
            "high_pct": round(100 * pool.high, 1),
            "base_pct": round(100 * pool.base, 1),
            "score": round(pool.score, 1),
            "agreement": None if pool.agreement is None else round(pool.agreement, 1),
            "effective_members": round(pool.effective_members, 2),
            "tier": pool.tier.value,
            "evidence": pool.evidence.value,
        }

    def _members(self) -> list[dict[str, Any]]:
        """Return the members, the largest part first, then those that lean most.

        `lean` is the side of the part, or, of a member that weighs nothing, that of its own
        forecast against its own base rate; "none" under a tenth of a percent.
        """
        parts = self.conviction.parts
        size = sum(abs(part.part) for part in parts)
        said = {_key(one): _lean(one) for one in self.forecasts}
        leaning = [(one, one.part if one.weight > 0 else said.get(_key(one), 0.0)) for one in parts]
        leaning.sort(key=lambda pair: (-abs(pair[0].part), -abs(pair[1]), _key(pair[0])))
        return [
            {
                "id": f"m{place}",
                "member": part.member,
                "family": part.family,
                "timeframe": part.timeframe.value,
                "probability_pct": round(100 * part.probability, 1),
                "weight_pct": round(100 * part.weight, 1),
                "share_pct": round(100 * abs(part.part) / size, 1) if size > 0 else None,
                "lean": _side(lean),
                "skill": round(part.skill, 5),
                "skill_error": round(part.skill_error, 5),
                "reason": None if part.reason is None else part.reason.value,
            }
            for place, (part, lean) in enumerate(leaning[:MAX_MEMBERS], start=1)
        ]


def _key(one: MemberPart | Forecast) -> tuple[str, str, str]:
    return one.member, one.timeframe, one.artefact


def _lean(forecast: Forecast) -> float:
    """Return P(up given a move) less its base rate; 0 where no move is expected, or next to it."""
    classes, base = forecast.classes, forecast.base
    moves, usual = classes.up + classes.down, base.up + base.down
    lean = classes.up / moves - base.up / usual if moves > 0 and usual > 0 else 0.0
    return lean if abs(lean) >= LEAST_LEAN else 0.0


def _side(lean: float) -> str:
    return "up" if lean > 0 else "down" if lean < 0 else "none"


def _forecasts(forecasts: Sequence[Forecast]) -> list[dict[str, Any]]:
    ordered = sorted(forecasts, key=lambda one: (one.member, one.timeframe.minutes))
    return [
        {
            "member": one.member,
            "timeframe": one.timeframe.value,
            "horizon_bars": one.horizon_bars,
            "p_down_pct": round(100 * one.classes.down, 1),
            "p_up_pct": round(100 * one.classes.up, 1),
            "quantiles": {f"{p:g}": round(one.quantiles[p], 3) for p in sorted(one.quantiles)},
        }
        for one in ordered
    ]
