"""How a retraining and the drift monitors look in a terminal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assay.cli import say

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assay.workflows.retraining import Retrained

NOTHING = "–"


def due(done: "Retrained") -> "RenderableType":
    """Return which series are due, and why."""
    rows = [(each.series, "due" if each.is_due else "", each.reason) for each in done.due]
    return say.table("Who is due", ("series", "", "because"), rows)


def contests(found: list[dict[str, Any]]) -> "RenderableType":
    """Return how each challenger did beside its champion."""
    rows = [
        (
            one["series"],
            f"{one['member']} {one['timeframe']}",
            one["champion"][:12],
            one["challenger"][:12],
            *_gain(one),
            f"{one['days']:,}",
            "challenger" if one["won"] else "champion",
        )
        for one in found
    ]
    heads = (
        "series",
        "member",
        "champion",
        "challenger",
        ">its gain, 1e-4 nats",
        ">p",
        ">days",
        "who stands",
    )
    return say.table("Challengers beside their champions", heads, rows)


def _gain(one: Mapping[str, Any]) -> tuple[str, str]:
    """Return a challenger's gain and its p; nothing where both said the same, or one nothing."""
    if not one["rows"] or one["gain"] == 0:
        return NOTHING, NOTHING
    return f"{one['gain'] * 1e4:+.1f} ± {one['gain_error'] * 1e4:.1f}", f"{one['p_value']:.3f}"


def fusions(done: "Retrained") -> "RenderableType":
    """Return what is heard together from now on."""
    rows = [
        (
            fitted.symbol,
            fitted.timeframe,
            fitted.evidence,
            f"{fitted.proof.p_value:.3f}" if fitted.proof.days else NOTHING,
            fitted.id[:12],
        )
        for fitted in done.fusions
    ]
    columns = ("symbol", "timeframe", "evidence", ">p", "fusion")
    return say.table("What the members prove together now", columns, rows)


def monitors(found: Mapping[str, Any]) -> "RenderableType":
    """Return every monitor's reading, and a sentence on each series."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = []
    for one in found["series"]:
        mark = " (simulated)" if one["simulated"] else ""
        head = f"{one['series']}{mark}: {one['verdict']}. {one['sentence'].capitalize()}."
        parts.append(Text(head, style="bold"))
        rows = [_reading(each) for each in one["readings"]]
        heads = ("who", "what", ">now", ">let in with", ">p", ">outcomes", "")
        parts.append(say.table("", heads, rows))
    parts.append(Text(found["meaning"], style="dim"))
    return Group(*parts)


def _reading(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        one["subject"],
        one["watch"].replace("_", " "),
        _value(one["watch"], one["now"]),
        _value(one["watch"], one["then"]),
        NOTHING if one["p_value"] is None else f"{one['p_value']:.3f}",
        f"{one['count']:,}",
        one["verdict"],
    )


def _value(watch: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value * 1e4:+.1f} e-4" if watch == "log_loss" else f"{value:.1%}"
