"""What columns are worth, and whether they drifted, as HTML files."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assay.evaluation.page import sheet, table
from assay.evaluation.svg_rows import interval_plot
from assay.evaluation.svg_signed import sizes_plot

NAMES = 240.0
"""Room for a column's name, in pixels."""
DRAWN = 20


def leaning_page(found: Mapping[str, Any], top: int) -> str:
    """Return the HTML of what members lean on, the plain data of `features importance --json`."""
    shown = found["columns"][:top]
    columns = [(one["column"], one["moved"], f"{one['moved']:.4f}{_spread(one)}") for one in shown]
    groups = [
        (one["group"], one["share"] * 100, f"{one['share'] * 100:.1f} %, {one['columns']} columns")
        for one in found["groups"]
    ]
    rows = [
        (
            one["column"],
            one["feature"],
            one["group"],
            f"{one['share'] * 100:.1f} %",
            f"{one['moved']:.4f}",
            "–" if one["spread"] is None else f"{one['spread']:.4f}",
            f"{one['in_top_quarter']} of {one['reading']}",
        )
        for one in shown
    ]
    heads = ("column", "feature", "group", "share", "moved", "spread", "top quarter")
    body = (
        f'<p class="verdict">{escape(found["summary"])}</p>'
        f"<section><h2>Columns</h2>{sizes_plot(columns, title='How far columns move answers')}"
        f'<p class="note">{escape(found["meaning"])} The top quarter says in how many of the '
        "models that read the column it is in theirs; by chance that would be one in four.</p>"
        f"{table(heads, rows)}"
        f"</section><section><h2>Groups</h2>{sizes_plot(groups, title='Share of each group')}"
        f"</section><section><h2>Features</h2>{_features(found['features'][:top])}</section>"
        f"{_problems(found['problems'])}"
    )
    models = len(found["models"])
    under = (
        f'<p class="soft">{models:,} {"models" if models != 1 else "model"} that listen to '
        f"something; {len(found['unmoved']):,} that listen to nothing are left out.</p>"
    )
    return sheet("What the members lean on", under, body, simulated=found["simulated"])


def _spread(one: Mapping[str, Any]) -> str:
    return "" if one["spread"] is None else f" ± {one['spread']:.4f}"


def _features(features: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (one["feature"], one["group"], one["columns"], f"{one['share'] * 100:.1f} %")
        for one in features
    ]
    return table(("feature", "group", "columns", "share"), rows)


def foretelling_page(found: Mapping[str, Any], top: int) -> str:
    """Return the HTML of rank correlations, the plain data of `features importance --json`."""
    shown = found["columns"][:top]
    plot = interval_plot(
        [(one["column"], one["ic"], one["low"], one["high"]) for one in shown],
        title="Information coefficient, with its 95 % interval",
        unit="",
        digits=3,
        names=NAMES,
    )
    rows = [
        (
            one["column"],
            one["group"],
            _estimate(one),
            _p(one["p"]),
            _p(one["adjusted"]),
            f"{one['outcomes']:,.0f}",
            standing(one),
        )
        for one in shown
    ]
    heads = ("column", "group", "coefficient", "p", "adjusted", "outcomes", "stands")
    spans = [
        (
            one["series"],
            f"{one['start'][:10]} to {one['end'][:10]}",
            one["days"],
            f"{one['outcomes']:,.0f}",
        )
        for one in found["series"]
    ]
    span = "the whole history" if found["span"] == "all" else "the train span alone"
    body = (
        f'<p class="verdict">{escape(found["summary"])}</p>'
        f'<section><h2>Columns</h2>{plot}<p class="note">{escape(found["meaning"])} Those '
        f"that survive come first, then the largest: {len(shown):,} of {len(found['columns']):,}; "
        f"adjusted after Benjamini and Hochberg (1995) for all {found['tested']:,} tested.</p>"
        f"{table(heads, rows)}</section>"
        f"<section><h2>Series</h2>"
        f"{table(('series', 'span', 'days', 'outcomes that do not overlap'), spans)}</section>"
        + _by_series(shown, found["series"])
        + _problems(found["problems"])
    )
    return sheet(
        f"What each column foretells, {found['timeframe']}",
        f'<p class="soft">{found["horizon_bars"]} bars ahead, over {span}.</p>',
        body,
        simulated=found["simulated"],
    )


def standing(one: Mapping[str, Any]) -> str:
    """Return in a word how a coefficient stands after correction."""
    if one["suspicious"]:
        return "suspicious"
    return "survives" if one["survives"] else "–"


def _by_series(shown: Sequence[Mapping[str, Any]], series: Sequence[Mapping[str, Any]]) -> str:
    if len(series) < 2:
        return ""
    names = [one["series"] for one in series]
    rows = [(one["column"], *(_ic(one["series"].get(name)) for name in names)) for one in shown]
    return (
        f"<section><h2>By series</h2>{table(('column', *names), rows)}"
        '<p class="note">A star: its own p survives correction for all columns of all series. A '
        "column that points one way in one series and the other in the next foretells little.</p>"
        "</section>"
    )


def _ic(one: Mapping[str, Any] | None) -> str:
    if one is None or one["ic"] is None:
        return "–"
    return f"{one['ic']:.3f}{' *' if one['survives'] else ''}"


def _estimate(one: Mapping[str, Any]) -> str:
    if one["low"] is None:
        return f"{one['ic']:.3f}"
    return f"{one['ic']:.3f} [{one['low']:.3f}, {one['high']:.3f}]"


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def drift_page(found: Mapping[str, Any]) -> str:
    """Return the HTML of columns then and now, the plain data of `features drift --json`."""
    links = "".join(
        f'<a href="#{place}">{escape(one["series"])}</a>'
        for place, one in enumerate(found["series"])
    )
    body = f'<p class="note">{escape(found["meaning"])}</p>'
    body += "".join(_drifted(place, one) for place, one in enumerate(found["series"]))
    return sheet(
        f"Drift of the newest {found['recent']:,} bars",
        f"<nav>{links}</nav>",
        body + _problems(found["problems"]),
        simulated=found["simulated"],
    )


def _drifted(place: int, one: Mapping[str, Any]) -> str:
    known = [column for column in one["columns"] if column["psi"] is not None]
    bars = [
        (
            column["column"],
            column["psi"],
            f"{column['psi']:.3f}, limit {column['limit']:.3f}",
        )
        for column in sorted(known, key=lambda column: -column["psi"])[:DRAWN]
    ]
    rows = [
        (
            column["column"],
            column["group"],
            column["verdict"] + (f" ({note_of(column)})" if note_of(column) else ""),
            number_of(column["psi"]),
            number_of(column["limit"]),
            number_of(column["distance"]),
            f"{column['nulls_then'] * 100:.1f} %",
            f"{column['nulls_now'] * 100:.1f} %",
        )
        for column in one["columns"]
    ]
    heads = (
        "column",
        "group",
        "verdict",
        "index",
        "own limit",
        "KS",
        "unknown then",
        "now",
    )
    return (
        f'<section><h2 id="{place}">{escape(one["series"])}</h2>'
        f'<p class="verdict">{escape(one["summary"])}</p>'
        f"{sizes_plot(bars, title='Population stability index, largest first')}"
        f"{table(heads, rows)}</section>"
    )


def note_of(column: Mapping[str, Any]) -> str:
    """Return what is odd about a column: that it had one value alone, then or now."""
    if column["varied_then"] == column["varies_now"]:
        return ""
    return "one value now" if column["varied_then"] else "one value then"


def number_of(value: float | None) -> str:
    """Return three decimals, or a dash where there is nothing."""
    return "–" if value is None else f"{value:.3f}"


def _problems(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    said = "".join(f"<p>{escape(problem)}</p>" for problem in problems)
    return f"<section><h2>Left out</h2>{said}</section>"
