"""One run of an experiment as an HTML file: what was asked, what the gate said, and why."""

from collections.abc import Mapping
from html import escape
from typing import Any

from assay.evaluation.experiment_report import account_section, choice_section, fit_section
from assay.evaluation.experiment_report.parts import facts, framed, gate, percent, plain, remarks
from assay.evaluation.page import minus, show
from assay.evaluation.report.summary import card
from assay.evaluation.svg_rows import strip

ABOVE = ("PAPER", "PILOT", "LIVE")


def run_page(told: Mapping[str, Any]) -> str:
    """Return the HTML of a run, the plain data that `assay experiment report --json` prints."""
    sections = [
        ("Findings", remarks(told["findings"])),
        ("What was asked", _asked(told)),
        ("The gate", gate(told["verdict_lines"])),
        ("Equity", account_section.equity(told)),
        ("Folds and seeds", fit_section.folds(told)),
        ("The seeds", fit_section.seeds(told)),
        ("Deflation", choice_section.deflation(told)),
        ("Overfitting", choice_section.overfit(told)),
        ("What it leans on", fit_section.importance(told)),
        ("Kinds of days", account_section.kinds(told)),
        ("Costs", account_section.costs(told)),
        ("Configuration", _configuration(told)),
    ]
    under = (
        f"Run {escape(told['id'])} of the family {escape(told['family'])}, tested on "
        f"{told['figures']['days']:,} days from {told['first_day']} to {told['last_day']}."
    )
    head = verdict(told["verdict"], told["verdict_sentence"]) + _cards(told)
    return framed(
        f"Experiment: {told['title']}", under, head, sections, simulated=bool(told["simulated"])
    )


def verdict(name: str | None, sentence: str) -> str:
    """Return the verdict as the page's first sentence."""
    style = "" if name is None else "above" if name in ABOVE else "below" if name == "FAIL" else ""
    return f'<p class="verdict {style}">{minus(escape(sentence))}</p>'


def _cards(told: Mapping[str, Any]) -> str:
    found = told["figures"]
    hits, trades = (fit_section.middle(found[name]) for name in ("hit_rate", "trades"))
    shown = [
        card("Net Sharpe", show(found["net_sharpe"]), _strip(found["net_sharpe"])),
        card("Net return", show(found["net_return"], percent=True), _strip(found["net_return"])),
        card("Deepest drawdown", show(found["drawdown"], percent=True), _strip(found["drawdown"])),
        card("Right side", percent(hits), "", "of what moved"),
        card("Round trips", f"{trades or 0:,.0f}", "", f"in {found['days']:,} days"),
    ]
    return f'<div class="cards">{"".join(shown)}</div>'


def _strip(estimate: Mapping[str, Any]) -> str:
    return strip(estimate["value"], estimate["low"], estimate["high"])


def _asked(told: Mapping[str, Any]) -> str:
    name, times, digits = fit_section.METRICS[told["primary_metric"]]
    primary = None if told["primary"] is None else told["primary"] * times
    rows = [
        ("primary metric", f"{name}: {plain(primary, digits)}"),
        ("data", f"{_data(told)}, fingerprint {told['data_fingerprint']}"),
        ("tested", f"{told['first_day']} to {told['last_day']}, {_folds(told)}"),
        ("seeds", ", ".join(map(str, told["seeds_asked"]))),
        ("gate", f"{told['profile']}, {_when(told)}"),
        ("ledger", f"number {told['order']:,} of the family's {told['registered']:,} "
         "configurations, in the order of registration"),
        ("started", f"{told['started_at']:%Y-%m-%d %H:%M} UTC, took {told['seconds'] or 0:,.1f} s"),
    ]  # fmt: skip
    return f'<p class="lead">{escape(told["hypothesis"])}</p>{facts(rows)}'


def _data(told: Mapping[str, Any]) -> str:
    data = told["configuration"]["data"]
    start, end = data.get("from"), data.get("to")
    span = f"{start or 'the first bar'} to {end or 'the last'}"
    return f"{', '.join(data['instruments'])} {data['timeframe']}, {span}"


def _folds(told: Mapping[str, Any]) -> str:
    count = len({one["fold"] for one in told["folds"]})
    kind = told["configuration"]["splits"].get("kind", "")
    return f"{count} fold{'s' if count != 1 else ''}, {kind}"


def _when(told: Mapping[str, Any]) -> str:
    at = told["judged_at"]
    return "not judged yet" if at is None else f"judged {at:%Y-%m-%d %H:%M} UTC"


def _configuration(told: Mapping[str, Any]) -> str:
    lines = told["uncommitted_lines"]
    changes = {None: "not known", 0: "none"}.get(lines, f"{lines} lines of uncommitted changes")
    made = [
        ("code", f"{told['code_version']}, changes beyond it: {changes}"),
        ("libraries", ", ".join(f"{name} {v}" for name, v in told["libraries"].items())),
        ("machine", ", ".join(f"{name} {v}" for name, v in told["machine"].items())),
        ("work", told["work_key"]),
    ]
    asked = [(key, _text(value)) for key, value in told["configuration_flat"].items()]
    return f"{facts(asked)}<h3>Made with</h3>{facts(made)}"


def _text(value: Any) -> str:  # noqa: ANN401 - plain data
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
