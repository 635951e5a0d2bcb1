"""What the pages of experiments are made of: their style, remarks, the gate's lines, the frame."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assay.evaluation.page import minus, sheet, table

STYLE = """<style>
.out-of{fill:var(--b)}.curve.d{stroke:var(--b);stroke-width:1.4;stroke-dasharray:2 3}
.curve.e{stroke:var(--c);stroke-width:1.4}.e-text{fill:var(--c)}.d-text{fill:var(--b)}
.curve.one{stroke:var(--c);stroke-width:1;opacity:.5}
ul.remarks{list-style:none;padding:0;margin:12px 0}ul.remarks p{margin:2px 0}
ul.remarks li{background:var(--card);border:1px solid var(--rule);border-left:4px solid var(--c);
border-radius:0 8px 8px 0;padding:8px 14px;margin:8px 0;break-inside:avoid;overflow-wrap:anywhere}
ul.remarks li.critical{border-left-color:rgb(var(--bad))}
ul.remarks li.warning{border-left-color:var(--warn)}
ul.remarks b{font-size:11.5px;letter-spacing:.03em;text-transform:uppercase;margin-right:8px}
.critical b{color:var(--bad-ink)}.warning b{color:var(--warn)}.note-of b{color:var(--soft)}
ul.remarks .remedy{color:var(--soft);font-size:13.5px}
.facts td:first-child{color:var(--soft);white-space:nowrap}.facts td{overflow-wrap:anywhere}
.facts td,.gate td{vertical-align:top}.gate td:nth-child(4){min-width:240px}
@media(max-width:640px){.gate tr>:first-child{display:none}.gate td:nth-child(4){min-width:124px}
.gate td{padding:6px 5px}.gate tr>:nth-child(2){padding-left:12px;overflow-wrap:anywhere;
min-width:86px}}
@media print{ul.remarks li{padding:4px 8px;margin:4px 0}ul.remarks .remedy{font-size:10px}
ul.remarks b{font-size:9px}.gate td:nth-child(4){min-width:0}
.gate tr>:first-child{display:table-cell}}
</style>"""
SAID = {True: "passed", False: "failed", None: "not judged"}
THIN = '<p class="thin">{}</p>'


def framed(
    title: str,
    under: str,
    head: str,
    sections: Sequence[tuple[str, str]],
    *,
    simulated: bool,
) -> str:
    """Return the whole page: links to its sections, `head`, and the sections by name."""
    badge = ' <span class="badge small">simulated</span>' if simulated else ""
    links = "".join(f'<a href="#{anchor(name)}">{escape(name)}</a>' for name, _ in sections)
    body = "".join(
        f'<section><h2 id="{anchor(name)}">{escape(name)}{badge}</h2>{inner}</section>'
        for name, inner in sections
    )
    return sheet(
        title, f'<p class="soft">{under}</p><nav>{links}</nav>', f"{STYLE}{head}{body}",
        simulated=simulated,
    )  # fmt: skip


def anchor(name: str) -> str:
    """Return what a section is linked by."""
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")


def remarks(found: Sequence[Mapping[str, Any]]) -> str:
    """Return remarks with their remedies, the worst first as they come."""
    if not found:
        return THIN.format("No rule finds anything to remark.")
    items = "".join(
        f'<li class="{_style(one["severity"])}"><p><b>{escape(one["severity"])}</b>'
        f'{minus(escape(one["said"]))}</p><p class="remedy">{escape(one["remedy"])}.</p></li>'
        for one in found
    )
    return f'<ul class="remarks">{items}</ul>'


def _style(severity: str) -> str:
    return "note-of" if severity == "note" else severity


def gate(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return every check of the gate with what it measured, against what, and its sentence."""
    if not lines:
        return THIN.format("The gate has not judged it yet.")
    rows = [
        [
            one["tier"],
            one["check"],
            outcome(one),
            one["sentence"],
            *(measured(one[name]) for name in ("statistic", "threshold", "p", "power")),
        ]
        for one in lines
    ]
    heads = ("tier", "check", "", "because", "statistic", "threshold", "p", "power")
    note = (
        '<p class="note">A check that passed may still let it go only so far. Power is how often a '
        "true Sharpe ratio of 1 would be seen on as many days.</p>"
    )
    return f'<div class="gate">{table(heads, rows)}</div>{note}'


def outcome(line: Mapping[str, Any]) -> str:
    """Return how a check ended, in a word or two."""
    allows = line["allows"]
    if line["passed"] and allows not in (None, "LIVE"):
        return f"{allows} at most"
    return SAID[line["passed"]]


def measured(value: float | None) -> str:
    """Return a number of any size, "–" where there is none."""
    if value is None:
        return "–"
    if value == round(value):
        return f"{value:,.0f}"
    if abs(value) < 5e-4:
        return "<0.001" if value > 0 else f"{value:.0e}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"


def plain(value: float | None, digits: int = 2) -> str:
    """Return a number, "–" where there is none."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share in percent, "–" where there is none."""
    return "–" if value is None else f"{plain(value * 100, digits)} %"


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """Return names and what is said of them."""
    cells = "".join(
        f"<tr><td>{escape(n)}</td><td>{minus(escape(said))}</td></tr>" for n, said in rows
    )
    return f'<div class="scroll facts"><table>{cells}</table></div>'


def note(said: str) -> str:
    """Return a remark in small print."""
    return f'<p class="note">{minus(escape(said))}</p>'
