"""Reports on disk: one HTML page each, written whole or not at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assay.evaluation.coverage import coverage_page
from assay.evaluation.explained import explained_page
from assay.evaluation.feature_pages import drift_page, foretelling_page, leaning_page
from assay.evaluation.plotted_page import plotted_page
from assay.evaluation.report.page import page
from assay.evaluation.stored.candled import candled_page
from assay.evaluation.stored.page import stored_page
from assay.store.files import write_atomic
from assay.workflows.check import Checked
from assay.workflows.desk import Desk
from assay.workflows.flagged import FORMULA
from assay.workflows.pictured import Pictured
from assay.workflows.quality import Quality, gap_json


def write_explanation(found: Mapping[str, Any], out: Path) -> Path:
    """Write the page of an explanation to `out`, whole or not at all; return its path."""
    out.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(out, explained_page(found).encode())
    return out


def write_check(found: Checked, out: Path) -> Path:
    """Write the page of a check to `out`, whole or not at all; return its path."""
    days = [(day.day, day.expected, day.there, day.flagged) for day in found.days]
    out.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(out, coverage_page(found.to_json(), days).encode())
    return out


LONGEST = 20
"""Gaps of a series that its page lists."""


def write_coverage(desk: Desk, found: Sequence[Quality], out: Path) -> Path:
    """Write the page of the stored series to `out`, whole or not at all; return its path."""
    told = [
        {**one.to_json(), "longest_gaps": [gap_json(gap) for gap in one.gaps[:LONGEST]]}
        for one in found
    ]
    text = stored_page(
        told,
        [list(one.days.iter_rows()) for one in found],
        [one.closed for one in found],
        at=desk.clock.now(),
        formula=FORMULA,
    )
    return _written(text, out)


def write_pictured(found: Pictured, out: Path) -> Path:
    """Write the page of a stretch of candles to `out`, whole or not at all; return its path."""
    return _written(candled_page(found.to_json()), out)


def write_page(desk: Desk, report: Mapping[str, Any], out: Path | None = None) -> Path:
    """Write the page of a backtest under the workspace's reports, or to `out`; return its path."""
    path = out or desk.reports / f"backtest-{report['trial']}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, page(report).encode())
    return path


def write_plotted(desk: Desk, found: Mapping[str, Any], out: Path | None = None) -> Path:
    """Write the page of plotted columns under the workspace's reports, or to `out`."""
    names = [one["column"] for one in found["columns"]]
    told = names[0] if len(names) == 1 else f"{names[0]}-and-{len(names) - 1}-more"
    name = f"features-{found['symbol']}-{found['timeframe']}-{told}.html"
    return _written(plotted_page(found), out or desk.reports / name)


def write_importance(desk: Desk, found: Mapping[str, Any], top: int, out: Path | None) -> Path:
    """Write the page of what columns are worth under the workspace's reports, or to `out`."""
    made = foretelling_page if found["by"] == "ic" else leaning_page
    return _written(
        made(found, top), out or desk.reports / f"features-importance-{found['by']}.html"
    )


def write_drift(desk: Desk, found: Mapping[str, Any], out: Path | None) -> Path:
    """Write the page of columns then and now under the workspace's reports, or to `out`."""
    return _written(drift_page(found), out or desk.reports / "features-drift.html")


def _written(text: str, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, text.encode())
    return path
