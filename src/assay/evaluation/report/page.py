"""A backtest as one HTML file: no network, dark and light, prints well, reads without scripts."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from assay.evaluation.page import sheet
from assay.evaluation.report import curve, ground, sure, trades
from assay.evaluation.report.chart import chart, scripts
from assay.evaluation.report.summary import summary


def page(report: Mapping[str, Any]) -> str:
    """Return the HTML of `report`, the plain data that `assay backtest --json` prints."""
    sections = _sections(report)
    links = "".join(f'<a href="#{_anchor(name)}">{escape(name)}</a>' for name, _ in sections)
    badge = ' <span class="badge small">simulated</span>' if report["simulated"] else ""
    body = "".join(
        f'<section><h2 id="{_anchor(name)}">{escape(name)}{badge}</h2>{inner}</section>'
        for name, inner in sections
    )
    return sheet(
        f"Backtest: {report['title']}",
        f'<p class="soft">{escape(report["subtitle"])}</p><nav>{links}</nav>',
        f"{summary(report)}{body}",
        simulated=report["simulated"],
        scripts=scripts(report),
    )


def _sections(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Figures", curve.figures_table(report)),
        ("Equity", curve.equity(report)),
        ("Calendar", curve.calendar(report)),
        ("Regimes", curve.regimes(report)),
        ("Conviction against outcome", sure.tiers(report)),
        ("Were the probabilities right?", sure.reliability(report["reliability"])),
        ("Members", sure.members(report["members"])),
        ("Trades", trades.figures(report)),
        ("Trades on candles", chart(report)),
        ("The worst trades, explained", trades.worst(report)),
        ("Costs and ambiguous bars", trades.frictions(report)),
        ("Data quality", ground.quality(report)),
        ("Methods", ground.methods(report)),
    ]


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")
