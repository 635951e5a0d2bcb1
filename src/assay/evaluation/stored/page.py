"""What is stored and how good it is, as one HTML file: by month, by day, by flag, by source."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from assay.evaluation.page import minus, sheet, table
from assay.evaluation.stored.days import DayCount, key, shared_marks
from assay.evaluation.stored.months import strips
from assay.evaluation.stored.section import Found, anchor, name, section

OPEN = 3
"""So few series stand unfolded."""
MEANING = {
    "spike": "a high or low far from the closes on both sides, and given back",
    "stale": "closes in a row that are the same",
    "split": "a jump of a share that looks like an unadjusted split",
    "thin_volume": "less than a hundredth of the usual volume at that time of day",
    "wrong_zone": "about a week of bars in another zone than the rest",
    "wrong_step": "a time that is not on the grid",
    "half_bar": "a time inside a bar: it holds part of one",
}
"""What the rules call bars that can be stored."""


def stored_page(
    found: Sequence[Found],
    days: Sequence[Sequence[DayCount]],
    closed: Sequence[Mapping[str, str]],
    *,
    at: datetime,
    formula: str,
) -> str:
    """Return the HTML of `found`, what `assay data coverage --json` tells, `days` and holidays.

    `longest_gaps` of each are some of its gaps, the longest first; `closed` names the holidays of
    its span; `at` is when it was looked.
    """
    sections = (
        ("Series", _series(found, formula)),
        ("Coverage by month", _months(found)),
        ("Coverage by day", _by_day(found, days, closed)),
        ("Findings by code", _findings(found)),
        ("Source against source", _sources(found)),
    )
    links = "".join(f'<a href="#{_anchor(title)}">{title}</a>' for title, _ in sections)
    body = "".join(
        f'<section><h2 id="{_anchor(title)}">{title}</h2>{inner}</section>'
        for title, inner in sections
    )
    rows = sum(one["rows"] for one in found)
    return sheet(
        "Stored bars: how complete, how sound",
        f'<p class="soft">{len(found):,} series, {rows:,} bars, as of {at:%Y-%m-%d %H:%M} UTC.</p>'
        f"<nav>{links}</nav>",
        f"<style>{style()}</style>{shared_marks()}{_cards(found)}{body}",
        simulated=bool(found) and all(one["simulated"] for one in found),
    )


@cache
def style() -> str:
    """Return the style sheet of pages on stored bars."""
    return files("assay.evaluation.stored").joinpath("stored.css").read_text(encoding="utf-8")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _cards(found: Sequence[Found]) -> str:
    expected = sum(one["expected"] for one in found)
    there = sum(round(one["coverage"] * one["expected"]) for one in found)
    flagged, rows = (sum(one[key_] for one in found) for key_ in ("flagged", "rows"))
    worst = min(found, key=lambda one: one["score"], default=None)
    cards = [
        ("expected bars there", _percent(there, expected), f"{expected - there:,} missing"),
        ("gaps", f"{sum(one['gaps'] for one in found):,}", "runs of missing bars"),
        ("flagged bars", f"{flagged:,}", f"{_percent(flagged, rows)} of those stored"),
    ]
    if worst is not None:
        cards.append(("lowest score", f"{worst['score']:.2f}", name(worst)))
    return '<div class="cards">' + "".join(
        f'<div class="card"><div class="what">{what}</div><div class="value">{minus(value)}</div>'
        f'<div class="range">{minus(escape(under))}</div></div>'
        for what, value, under in cards
    ) + "</div>"  # fmt: skip


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "–"


def _series(found: Sequence[Found], formula: str) -> str:
    columns = (
        *("bars", "coverage", "flagged", "score", "gaps", "longest gap", "last bar"),
        "what else is known",
    )
    head = "<th>series</th>" + "".join(
        f'<th class="{"n" if n < 6 else ""}">{column}</th>' for n, column in enumerate(columns)
    )
    body = "".join(_row(one) for one in found)
    return (
        f'<p class="note">{minus(escape(formula))}. Coverage is the share of the bars that the '
        "trading calendar expects between the first and the last stored one; weekends, holidays "
        "and half days expect none.</p>"
        '<div class="scroll" tabindex="0" role="group" aria-label="Series">'
        f"<table><tr>{head}</tr>{body}</table></div>"
    )


def _row(one: Found) -> str:
    longest = one["longest_gap"]
    cells = (
        f"{one['rows']:,}",
        f"{one['coverage']:.2%}",
        _percent(one["flagged"], one["rows"]),
        f"{one['score']:.2f}",
        f"{one['gaps']:,}",
        f"{longest['bars']:,} bars" if longest else "–",
    )
    figures = "".join(f'<td class="n">{minus(cell)}</td>' for cell in cells)
    said = [one["thin"]] if one["thin"] else []
    said += [f"corrected {one['corrections']:,} times"] if one["corrections"] else []
    said += ["simulated"] if one["simulated"] else []
    return (
        f'<tr><td class="w"><a href="#{anchor(one)}">{escape(name(one))}</a></td>{figures}'
        f'<td class="w">{_age(one)}</td><td>{escape("; ".join(said)) or "–"}</td></tr>'
    )


def _age(one: Found) -> str:
    behind = one["bars_behind"]
    if behind is not None:
        return "current" if behind == 0 else f"{behind:,} bars ago"
    return f"{one['last']:%Y-%m-%d}"


def _months(found: Sequence[Found]) -> str:
    rows = [(name(o), anchor(o), o["months"], f"{o['coverage']:.2%}") for o in found]
    return (
        '<p class="note">A column is a month. Blue, from below: the share of the expected bars '
        "that is there; orange, from above: what is missing, never drawn thinner than can be seen. "
        "A tick beneath: bars of the month are flagged. The figures stand with each series "
        f"below.</p>{strips(rows)}"
    )


def _by_day(
    found: Sequence[Found],
    days: Sequence[Sequence[DayCount]],
    closed: Sequence[Mapping[str, str]],
) -> str:
    ones = "".join(
        section(one, own, kept, open_=len(found) <= OPEN)
        for one, own, kept in zip(found, days, closed, strict=True)
    )
    return (
        '<p class="note">A cell is a day (UTC), a column a week, Monday first. Choose a series to '
        "unfold it; point at a day that is not whole to read it, or read the table beneath. On a "
        f"narrow screen a year moves sideways.</p>{key()}{ones}"
    )


def _findings(found: Sequence[Found]) -> str:
    codes: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for one in found:
        for flaw in one["flaws"]:
            codes.setdefault(str(flaw["code"]), []).append((name(one), flaw))
    if not codes:
        return "<p>No rule flags a bar.</p>"
    sums = {code: sum(flaw["bars"] for _, flaw in own) for code, own in codes.items()}
    most = max(sums.values())
    head = "".join(
        f'<th class="{style_}">{title}</th>'
        for title, style_ in (
            *(("code", ""), ("severity", ""), ("series", "n"), ("times", "n"), ("bars", "n")),
            *(("", ""), ("what it is", "")),
        )
    )
    body = "".join(
        f'<tr><td class="w">{escape(code)}</td><td>{codes[code][0][1]["severity"]}</td>'
        f'<td class="n">{len(codes[code]):,}</td>'
        f'<td class="n">{sum(flaw["times"] for _, flaw in codes[code]):,}</td>'
        f'<td class="n">{bars:,}</td><td class="bar-cell" aria-hidden="true">'
        f'<span style="width:{bars / most * 100:.1f}%"></span></td>'
        f"<td>{escape(MEANING.get(code, ''))}</td></tr>"
        for code, bars in sorted(sums.items(), key=lambda one: -one[1])
    )
    rows = [
        (code, series, flaw["times"], flaw["bars"])
        for code in sorted(codes)
        for series, flaw in codes[code]
    ]
    each = table(("code", "series", "times", "bars"), rows)
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Findings by code">'
        f"<table><tr>{head}</tr>{body}</table></div>"
        f'<details class="more"><summary>By series</summary>{each}</details>'
        '<p class="note">A flag is a question, not a verdict: a crash that happened looks like a '
        "spike. assay data check SYMBOL names each flagged bar.</p>"
    )


def _sources(found: Sequence[Found]) -> str:
    rows = [
        (
            name(one),
            row["source"],
            row["other"],
            f"{row['start']:%Y-%m-%d} to {row['end']:%Y-%m-%d}",
            f"{row['bars']:,}" if row["bars"] is not None else "–",
            f"{row['median_bps']:.1f}" if row["median_bps"] is not None else "–",
            f"{row['volume_share']:.1%}" if row["volume_share"] is not None else "–",
            " ".join(f"{sentence}." for sentence in row["differences"]) or "nothing",
        )
        for one in found
        for row in one["comparisons"]
    ]
    if not rows:
        return "<p>No two sources were compared yet: assay data reconcile does that.</p>"
    columns = (
        *("series", "stored from", "against", "span", "bars in both", "median distance, bp"),
        *("volume, ours of theirs", "differs in"),
    )
    return table(columns, rows)
