"""One stored series on the page of coverage: by day, by month, its gaps, flags and comparisons."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from assay.evaluation.page import minus
from assay.evaluation.stored.days import DayCount, year_plots
from assay.evaluation.stored.folded import folded, odd_days
from assay.evaluation.stored.months import month_table

Found = Mapping[str, Any]
"""A series as `assay data coverage --json` tells it, with `days` and `closed` beside."""
SHOWN_GAPS = 20


def anchor(found: Found) -> str:
    """Return the name by which a section is linked to."""
    return "series-" + re.sub(r"[^A-Za-z0-9]+", "-", name(found))


def name(found: Found) -> str:
    """Return symbol and timeframe."""
    return f"{found['symbol']} {found['timeframe']}"


def section(
    found: Found, days: Sequence[DayCount], closed: Mapping[str, str], *, open_: bool
) -> str:
    """Return the part of a page that tells of one series, unfolded if `open_`."""
    span = (found["first"].date(), found["last"].date())
    simulated = ' <span class="badge small">simulated</span>' if found["simulated"] else ""
    return (
        f'<details class="one"{" open" if open_ else ""}><summary>'
        f"{escape(name(found))}{simulated}<span>{minus(_figures(found))}</span></summary>"
        f'<div id="{anchor(found)}">'  # inside, so that a link to it unfolds it
        f'<p class="note">{escape(_about(found))}</p>{year_plots(name(found), days, closed, span)}'
        f"<h3>The months as figures</h3>"
        '<p class="note">Percent of the expected bars that are there; flagged bars in brackets.</p>'
        f"{month_table(found['months'])}{odd_days(days, closed)}{_gaps(found)}{_flaws(found)}</div>"
        "</details>"
    )


def _figures(found: Found) -> str:
    gaps = f"{found['gaps']:,} gaps" if found["gaps"] != 1 else "1 gap"
    return (
        f"{found['coverage']:.2%} of {found['expected']:,} expected bars, "
        f"{found['flagged']:,} flagged, score {found['score']:.2f}, {gaps}"
    )


def _about(found: Found) -> str:
    said = [
        f"{found['rows']:,} bars from {found['first']:%Y-%m-%d} to {found['last']:%Y-%m-%d}, "
        f"calendar {found['calendar']}; source: {found['source']}"
    ]
    if found["corrections"]:
        said.append(f"corrected {found['corrections']:,} times")
    if found["thin"]:
        said.append(found["thin"])
    return "; ".join(said) + "."


def _gaps(found: Found) -> str:
    gaps = found["longest_gaps"]
    if not gaps:
        return ""
    rows = [(_moment(gap["first"]), _moment(gap["last"]), gap["bars"]) for gap in gaps[:SHOWN_GAPS]]
    shown = min(len(gaps), SHOWN_GAPS)
    columns = ("first missing close", "last missing close", "bars")
    return folded(f"The {shown:,} longest of {found['gaps']:,} gaps", columns, rows)


def _flaws(found: Found) -> str:
    if not found["flaws"]:
        return ""
    rows = [(one["code"], one["severity"], one["times"], one["bars"]) for one in found["flaws"]]
    return folded("What the rules flag", ("code", "severity", "times", "bars"), rows)


def _moment(moment: date | datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
