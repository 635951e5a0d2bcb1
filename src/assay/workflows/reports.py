"""Reports on disk: one HTML page each, written whole or not at all."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.evaluation.coverage import coverage_page
from assay.evaluation.explained import explained_page
from assay.evaluation.page import page
from assay.store.files import write_atomic
from assay.workflows.check import Checked
from assay.workflows.desk import Desk


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


def write_page(desk: Desk, report: Mapping[str, Any], out: Path | None = None) -> Path:
    """Write the page of a backtest under the workspace's reports, or to `out`; return its path."""
    path = out or desk.reports / f"backtest-{report['trial']}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, page(report).encode())
    return path
