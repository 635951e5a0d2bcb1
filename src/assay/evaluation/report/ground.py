"""Sections on what a backtest stands on: its bars, and how it was done."""

from collections.abc import Mapping
from html import escape
from typing import Any

from assay.evaluation.report.blocks import block
from assay.evaluation.svg_rows import spans_plot


def quality(report: Mapping[str, Any]) -> str:
    """Return coverage, flags and what waited for them, series by series."""
    sound = report["soundness"]
    flags = ", ".join(f"{name} {count:,}" for name, count in sound["flags"].items())
    said = f"Flagged by rule, over all series: {flags}." if flags else "No rule flags a bar."
    lacked = sound.get("lacked", 0)  # reports of earlier versions do not say
    missing = f" {lacked:,} waited because too many bars before were missing." if lacked else ""
    return (
        f"<p>{escape(said)} {sound['waited']:,} of {sound['decided']:,} decisions waited for a "
        f"flagged bar, {sound['alone']:,} of them for nothing else.{missing}</p>"
        f"{block(sound)}<h3>Where the bars come from</h3>{block(report['data'])}"
    )


def methods(report: Mapping[str, Any]) -> str:
    """Return how history was cut, and how everything was done."""
    drawn = spans_plot(report["folds"], title="How history was cut, fold by fold")
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in report["methods"])
    note = (
        '<p class="note">Each row is one fold. Grey: train, stop, calibrate; blue: fuse; orange: '
        "test, the only part that any figure above comes from.</p>"
    )
    return f"<h3>How history was cut</h3>{drawn}{note}{said}"
