"""How the gate looks in a terminal: its questions, its verdicts, its own error rates."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assay.cli import say
from assay.cli.experiments import NOTHING, mark

if TYPE_CHECKING:
    from rich.console import RenderableType

ENOUGH = 1_000
"""Families of noise, as many as --full judges."""
PASSED = {True: "passed", False: "failed", None: "too little"}


def verdict(found: Mapping[str, Any]) -> "RenderableType":
    """Return what the gate said of a run, line by line."""
    from rich.console import Group
    from rich.text import Text

    rows = [
        (
            one["tier"],
            one["check"],
            PASSED[one["passed"]],
            one["allows"] or NOTHING,
            figure(one["statistic"]),
            figure(one["threshold"]),
            figure(one["p"]),
            one["sentence"],
        )
        for one in found["lines"]
    ]
    heads = ("tier", "check", "", "allows", ">measured", ">held to", ">p", "because")
    level = found["alpha_spent"]
    spent = "" if level is None else f", which may spend an alpha of {level:.2%}"
    return Group(
        Text(f"{found['verdict']}: {found['title']}{mark(found)}, {found['id']}", style="bold"),
        Text(
            f"Profile {found['profile']}, gate version {found['gate_version']}, "
            f"{found['at']:%Y-%m-%d %H:%M} UTC; {found['trial_count']} configurations were tried "
            f"in family {found['family']}{spent}."
        ),
        say.table("", heads, rows),
    )


def questions(found: Sequence[Mapping[str, Any]], profile: str) -> "RenderableType":
    """Return what the gate asks, in order."""
    rows, last = [], None
    for one in found:
        held = ", ".join(f"{name} {value:g}" for name, value in one["thresholds"].items())
        tier = "" if one["tier"] == last else one["tier"]
        rows.append((tier, one["check"], one["question"], held or NOTHING))
        last = one["tier"]
    heads = ("tier", "check", "question", "held to")
    return say.table(f"{len(rows)} checks, profile {profile}", heads, rows)


def calibrated(found: Mapping[str, Any]) -> "RenderableType":
    """Return how often the checks of returns alone were wrong."""
    from rich.console import Group
    from rich.text import Text

    noise = [found["noise"] | {"name": "noise"}] if found["noise"] else []
    rows = [
        (one["name"], f"{one['families']:,}", one["passed"], *rates(one), share(one["upper"]))
        for one in [*noise, *found["variants"]]
    ]
    heads = ("families without skill", ">judged", ">let through", ">rate", ">95 %", ">at most")
    power = [
        (
            f"{one['true_sharpe']:g}",
            f"{one['years']:g}",
            f"{one['trials']} of {one['ideas']} ideas",
            f"{one['families']:,}",
            *rates(one),
        )
        for one in found["power"]
    ]
    power_heads = (">true Sharpe", ">years", "trials", ">judged", ">seen", ">95 %")
    goals = [
        (one["what"], share(one["value"]), goal(one), "held" if one["held"] else "MISSED")
        for one in found["goals"]
    ]
    return Group(
        say.table("Noise", heads, rows),
        say.table("Skill", power_heads, power),
        say.table("Goals", ("what", ">measured", ">goal", ""), goals),
        Text(_whole(found) + _few(found)),
    )


def calibrated_chain(found: Mapping[str, Any]) -> "RenderableType":
    """Return how often the whole chain promoted what has nothing to find."""
    from rich.console import Group
    from rich.text import Text

    rows = [
        (
            one["about"],
            f"{one['families']:,}",
            f"{one['trials']:,}",
            one["passed"],
            *(rates(one) if one["families"] else (NOTHING, NOTHING)),
            share(one["upper"]) if one["families"] else NOTHING,
        )
        for one in found["nulls"]
    ]
    heads = ("null", ">families", ">trials", ">let through", ">rate", ">95 %", ">at most")
    parts: list[RenderableType] = [say.table("Families with a trial let through", heads, rows)]
    parts.append(say.table("Trials kept below PAPER, by check", *refused(found["nulls"])))
    if found["left_out"]:
        parts.append(Text("Left out for want of real bars: " + ", ".join(found["left_out"])))
    parts.append(Text(_whole(found)))
    return Group(*parts)


def refused(nulls: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return heads and rows: how many trials each check refused, the most first."""
    total: dict[str, int] = {}
    for one in nulls:
        for check, count in one["refused"].items():
            total[check] = total.get(check, 0) + count
    rows = [
        (
            check,
            *(f"{one['refused'].get(check, 0):,}" for one in nulls),
            f"{sum(one['alone'].get(check, 0) for one in nulls):,}",
        )
        for check in sorted(total, key=lambda name: (-total[name], name))
    ]
    heads = ("check", *(f">{one['null'].replace('_', ' ')}" for one in nulls), ">by it alone")
    return heads, rows


def rates(one: Mapping[str, Any]) -> tuple[str, str]:
    """Return a rate and its interval."""
    return share(one["rate"]), f"{share(one['low'])} to {share(one['high'])}"


def share(value: float) -> str:
    """Return a share in percent."""
    return f"{100 * value:.1f} %"


def goal(one: Mapping[str, Any]) -> str:
    """Return what a figure is held to."""
    return f"≤ {share(one['most'])}" if "most" in one else f"≥ {share(one['least'])}"


def figure(value: float | None) -> str:
    """Return a number of any size in few digits."""
    return NOTHING if value is None else f"{value:.3g}"


def _few(found: Mapping[str, Any]) -> str:
    noise = found["noise"]
    if noise is None or noise["families"] >= ENOUGH:
        return ""
    return (
        f" A bound from {noise['families']:,} families of noise is wide: what is missed by a "
        "little here may hold with --full."
    )


def _whole(found: Mapping[str, Any]) -> str:
    done, wanted = found["families"], found["families_wanted"]
    short = "" if done == wanted else f" of {wanted:,} wanted; the same command goes on"
    return (
        f"{done:,} families{short}; profile {found['profile']}, gate version "
        f"{found['gate_version']}. Their trials count in no family of experiments."
    )
