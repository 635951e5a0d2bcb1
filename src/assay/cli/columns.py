"""How the worth and the drift of columns look in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from assay.cli import say

SHOWN = 15
SHOWN_SERIES = 4


def leaned(found: Mapping[str, Any], top: int) -> None:
    """Print what members lean on: groups, features, then columns."""
    page = say.page()
    groups = [
        (one["group"], f"{one['share'] * 100:.1f} %", one["columns"]) for one in found["groups"]
    ]
    page.print(say.table("", ("group", ">share", ">columns"), groups))
    page.print()
    features = [
        (one["feature"], one["group"], f"{one['share'] * 100:.1f} %", one["columns"])
        for one in found["features"][: max(1, top // 2)]
    ]
    page.print(say.table("", ("feature", "group", ">share", ">columns"), features))
    page.print()
    rows = [
        (
            one["column"],
            one["group"],
            f"{one['share'] * 100:.1f} %",
            f"{one['moved']:.4f}",
            "–" if one["spread"] is None else f"{one['spread']:.4f}",
            f"{one['in_top_quarter']} of {one['reading']}",
        )
        for one in found["columns"][:top]
    ]
    columns = ("column", "group", ">share", ">moved", ">spread", ">top quarter")
    page.print(say.table("", columns, rows))
    page.print()
    page.print(found["summary"], highlight=False, markup=False)
    page.print(found["meaning"], style="dim", highlight=False, markup=False)
    _problems(found["problems"])


def foretold(found: Mapping[str, Any], top: int) -> None:
    """Print the information coefficients, the largest first."""
    names = [one["series"] for one in found["series"]]
    apart = names if 1 < len(names) <= SHOWN_SERIES else []
    rows = [
        (
            one["column"],
            one["group"],
            f"{one['ic']:+.3f}",
            "–" if one["low"] is None else f"{one['low']:+.3f} to {one['high']:+.3f}",
            _p(one["p"]),
            _p(one["adjusted"]),
            f"{one['outcomes']:,.0f}",
            "suspicious" if one["suspicious"] else "survives" if one["survives"] else "",
            *(_ic(one["series"].get(name)) for name in apart),
        )
        for one in found["columns"][:top]
    ]
    heads = ("column", "group", ">ic", ">95 %", ">p", ">adjusted", ">outcomes", "stands")
    page = say.page(wide=True)
    page.print(say.table("", (*heads, *(f">{name}" for name in apart)), rows))
    page.print()
    text = say.page()
    for one in found["series"]:
        text.print(
            f"{one['series']}: {one['start'][:10]} to {one['end'][:10]}, {one['days']:,} days",
            highlight=False,
        )
    marked = "" if found["span"] == "train" else "WHOLE HISTORY: "
    text.print(f"{marked}{found['summary']}", highlight=False, markup=False)
    if found["untested"]:
        untested = found["untested"]
        text.print(
            f"{len(untested)} columns never vary or are not known here, and were not tested: "
            f"{_few(untested)}.",
            highlight=False,
        )
    text.print(found["meaning"], style="dim", highlight=False, markup=False)
    _problems(found["problems"])


def drifted(found: Mapping[str, Any]) -> None:
    """Print what moved and what drifted, series by series."""
    from assay.evaluation.feature_pages import note_of

    page = say.page()
    for one in found["series"]:
        loud = [column for column in one["columns"] if column["verdict"] in ("drifted", "moved")]
        rows = [
            (
                column["column"],
                column["verdict"],
                _number(column["psi"]),
                _number(column["limit"]),
                _number(column["distance"]),
                f"{(column['nulls_now'] - column['nulls_then']) * 100:+.1f} %",
                note_of(column),
            )
            for column in (loud or one["columns"][:3])[:SHOWN]
        ]
        heads = ("column", "verdict", ">index", ">own limit", ">KS", ">unknown", "")
        page.print(say.table(one["series"], heads, rows))
        if len(loud) > SHOWN:
            page.print(f"and {len(loud) - SHOWN} more (--json and --html show all)", style="dim")
        page.print(one["summary"], highlight=False, markup=False)
        page.print()
    page.print(found["meaning"], style="dim", highlight=False, markup=False)
    _problems(found["problems"])


def _problems(problems: Sequence[str]) -> None:
    page = say.page()
    for problem in problems:
        page.print(f"left out: {problem}", style="red", highlight=False, markup=False)


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN_SERIES])
    return f"{shown} and {len(names) - SHOWN_SERIES} more" if len(names) > SHOWN_SERIES else shown


def _ic(one: Mapping[str, Any] | None) -> str:
    if one is None or one["ic"] is None:
        return "–"
    return f"{one['ic']:+.3f}{'*' if one['survives'] else ''}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
