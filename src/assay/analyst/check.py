"""Does an answer say what the brief says? References, numbers and quotations are looked up."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from assay.analyst.fence import WITHHELD

_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|\.\d)")
_QUOTED = re.compile(r"“([^”]*)”|\"([^\"]*)\"|«([^»]*)»")
_IN_NAME = re.compile(r"\d+")


def refs_of(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Return every reference of a bundle with its value, for example "1h.rsi_14" or "h3".

    A field that is null or missing has no reference: nothing can be said of it.
    """
    blind = bundle.get("blind", bundle)
    found: dict[str, Any] = {}
    for timeframe, numbers in blind["frames"].items():
        found |= {f"{timeframe}.{name}": value for name, value in numbers.items()}
    for part in ("calendar", "sentiment"):
        found |= {f"{part}.{name}": value for name, value in blind[part].items()}
    found |= {f"quality.{flag}": True for flag in blind["quality"]}
    found |= {headline["id"]: headline["text"] for headline in blind["headlines"]}
    for part in ("own", "pool"):
        found |= {f"{part}.{name}": value for name, value in bundle.get(part, {}).items()}
    for member in bundle.get("members", ()):
        found |= {f"{member['id']}.{name}": value for name, value in member.items()}
    return {ref: value for ref, value in found.items() if value is not None}


def claims_problem(points: Iterable[Mapping[str, Any]], refs: Mapping[str, Any]) -> str | None:
    """Return the first claim that the bundle does not bear out, as a sentence, or None."""
    for point in points:
        why = claim_problem(point["ref"], point["claim"], refs)
        if why:
            return why
    return None


def claim_problem(ref: str, claim: str, refs: Mapping[str, Any]) -> str | None:
    """Return what is wrong with one claim, or None.

    The reference must exist. A number in the claim must be the referenced value (its sign may be
    said in words), to the decimals the claim gives, or be part of the reference's own name; in a
    claim about a headline it must stand in the headline. A quotation must be a part of it.
    """
    if ref not in refs:
        return f"the evidence refers to {ref!r}, which the brief does not hold"
    value = refs[ref]
    if value == WITHHELD:
        return f"the evidence refers to {ref!r}, which was withheld"
    text = value if isinstance(value, str) else ""
    for quotation in _QUOTED.findall(claim):
        span = next((part for part in quotation if part), "")
        if not span.strip() or span not in text:
            return f"the claim on {ref!r} quotes words that are not there"
    known = _NUMBER.findall(text) if text else []
    allowed = {abs(_value(number)) for number in known}
    allowed |= {float(digits) for digits in _IN_NAME.findall(ref)}
    for number in _NUMBER.findall(claim):
        if not _matches(number, value) and abs(_value(number)) not in allowed:
            return f"the claim on {ref!r} says {number}, which is not its value"
    return None


def _matches(number: str, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    decimals = len(number.partition(".")[2])
    return abs(abs(_value(number)) - abs(value)) <= 0.5 * 10.0**-decimals + 1e-9


def _value(number: str) -> float:
    return float(number.replace("−", "-").replace(",", ""))
