"""How a signal looks in a terminal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assay.cli import say
from assay.core.values.reason import Reason

if TYPE_CHECKING:
    from rich.console import RenderableType

IN_SAMPLE = (
    "! The fusion learned from bars after this one: read it as an illustration, not as a record."
)
COLOURS = {"LONG": "green", "SHORT": "red", "WAIT": "yellow"}


def card(signal: Mapping[str, Any]) -> "RenderableType":
    """Return a signal as one panel: the decision, how sure, who said what, and why not."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    side = str(signal["decision"])
    head = Text()
    head.append(f"{side}", style=f"bold {COLOURS[side]}")
    head.append(
        f"   conviction {signal['conviction']:.0f}/100   {signal['tier']}   {signal['evidence']}"
        f"   agreement {_percentage(signal['agreement'])}"
    )
    lines = [
        head,
        Text(
            f"P(up given a move) {signal['probability']:.3f}, 90 % interval {signal['low']:.3f} to "
            f"{signal['high']:.3f}; climatology {signal['base']:.3f}; over "
            f"{signal['horizon_bars']} bars"
        ),
        Text(levels(signal)),
        *(Text(f"· {Reason(code).sentence}") for code in signal["reasons"]),
        *([Text(IN_SAMPLE, style="yellow")] if signal["in_sample"] else []),
        Text(verdict_line(signal["verdict"])),
        members(signal),
        Text(f"assay explain {signal['id']}", style="dim"),
    ]
    simulated = "   simulated" if signal["simulated"] else ""
    title = f"{signal['symbol']} {signal['timeframe']}   {_time(signal['as_of'])} UTC{simulated}"
    return Panel(Group(*lines), title=title, title_align="left")


def first_reason(signal: Mapping[str, Any]) -> Reason | None:
    """Return the first reason that forbids a position; one that may only shrink it comes after."""
    from assay.workflows.lifts import SHRINKING

    reasons = [Reason(code) for code in signal["reasons"]]
    last = SHRINKING | {Reason.CHALLENGED}
    return min(reasons, key=lambda reason: reason in last, default=None)


def levels(signal: Mapping[str, Any]) -> str:
    """Return entry, stop, target and risk in one line."""
    if signal["stop"] is None:
        return f"last close {signal['entry']:g}; no position"
    return (
        f"entry {signal['entry']:g}, stop {signal['stop']:g} ({signal['stop_atr']:g} ATR), target "
        f"{signal['target']:g} ({signal['target_atr']:g} ATR), risk "
        f"{signal['risk_fraction'] * 100:.2f} % of equity"
    )


def verdict_line(verdict: Mapping[str, Any]) -> str:
    """Return what the analyst said in one line."""
    said = f"analyst ({verdict['provider']}): {verdict['kind']}"
    if verdict["challenge"]:
        said += f", {verdict['challenge'].replace('_', ' ')}"
    if verdict["size_cap"] < 1:
        said += f", at most {verdict['size_cap'] * 100:.0f} % of the size"
    return f"{said}. {verdict['objection']}"


def members(signal: Mapping[str, Any]) -> "RenderableType":
    """Return the table of what each member said and what it weighed."""
    rows = [
        (
            part["member"],
            part["family"],
            part["timeframe"],
            f"{part['probability']:.3f}",
            f"{part['part']:+.4f}",
            f"{part['weight'] * 100:.0f} %",
            f"{part['skill'] * 1e4:.1f} ± {part['skill_error'] * 1e4:.1f}"
            if part["skill_error"] < 1
            else "–",
            Reason(part["reason"]).of_member if part["reason"] else "",
        )
        for part in signal["members"]
    ]
    columns = (
        "member",
        "family",
        "tf",
        ">P(up)",
        ">part, log-odds",
        ">weight",
        ">skill, 1e-4 nats",
        "note",
    )
    return say.table("", columns, rows)


def _percentage(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f}/100"


def _time(moment: object) -> str:
    return str(moment).replace("T", " ")[:16]
