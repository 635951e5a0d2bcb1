"""The closed answers of both phases: reasons first, verdicts last, grids instead of numbers."""

from collections.abc import Mapping
from typing import Any

REGIMES = ("trend", "range", "volatile", "quiet", "unknown")
VIEW_ABSTENTIONS = (
    "too_little_history",
    "stale_data",
    "market_closed",
    "conflicting_evidence",
    "no_evidence",
)
CHALLENGES = (
    "event_risk",
    "regime_shift",
    "stale_or_thin_data",
    "single_model_driven",
    "text_contradicts",
    "overextended",
    "view_opposes",
)
P_UP_GRID = tuple(range(5, 100, 5))
"""Percent."""
SIZE_CAPS = (0, 25, 50, 75, 100)
"""Percent of the size that risk would take without a referee."""


def _object(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - schemas are JSON
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any], low: int, high: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": low, "maxItems": high}


_TEXT = {"type": "string", "maxLength": 160}
_REF = {"type": "string", "maxLength": 60}
_POINT = _object(ref=_REF, claim=_TEXT, stance={"enum": ["up", "down", "neutral"]})
_CHECK = _object(ref=_REF, claim=_TEXT)

VIEW_SCHEMA: Mapping[str, Any] = _object(
    evidence=_list(_POINT, 0, 5),
    counter_evidence=_list(_POINT, 0, 3),
    regime={"enum": list(REGIMES)},
    abstain={"enum": [None, *VIEW_ABSTENTIONS]},
    p_up={"enum": [None, *P_UP_GRID]},
)
VERDICT_SCHEMA: Mapping[str, Any] = _object(
    checks=_list(_CHECK, 1, 5),
    strongest_objection=_CHECK,
    challenge_reason={"enum": [None, *CHALLENGES]},
    p_up_after={"enum": [None, *P_UP_GRID]},
    size_cap={"enum": list(SIZE_CAPS)},
    verdict={"enum": ["CONFIRM", "CHALLENGE", "ABSTAIN"]},
)
