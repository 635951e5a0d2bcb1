"""Signals with their outcomes as comma-separated text, for spreadsheets, which believe too much."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from assay.workflows.desk import Desk
from assay.workflows.track import Followed, every_signal
from assay.workflows.track_rows import Asked

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet may run as a formula."""
HORIZON = ("until", "outcome", "hit", "log_return", "scaled", "unknown", "gaps")
TRADE = (
    *("side", "hypothetical", "withheld", "end", "bars", "entry", "exit", "stop", "target"),
    *("r_gross", "r_net", "gross", "net", "ambiguous", "gapped"),
)
COLUMNS = (
    *("id", "symbol", "timeframe", "as_of", "made_at", "kind", "in_sample", "decision"),
    *("direction", "probability", "conviction", "tier", "evidence", "open", "revision"),
    *(f"horizon_{name}" for name in HORIZON),
    *(f"trade_{name}" for name in TRADE),
)


def csv_lines(desk: Desk, asked: Asked | None = None) -> Iterator[str]:
    """Yield the header, then a line a signal, the last issued first; see `track.signals`.

    Times are UTC, numbers as they are, missing ones empty. Text that a spreadsheet would take for a
    formula gets an apostrophe in front.
    """
    yield _line(COLUMNS)
    for one in every_signal(desk, asked):
        yield _line([guarded(value) for value in _cells(one)])


def guarded(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    """Return the text of a cell; text that looks like a formula is made to look like text.

    >>> guarded("=1+1"), guarded("@SUM(A1)"), guarded("EURUSD"), guarded(-0.5), guarded(None)
    ("'=1+1", "'@SUM(A1)", 'EURUSD', '-0.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text


def _cells(one: Followed) -> list[Any]:
    signal = one.signal
    horizon = one.horizon.found if one.horizon else {}
    trade = one.trade.found if one.trade else {}
    revisions = [each.revision for each in signal.outcomes.values()]
    return [
        *(signal.id, signal.symbol, signal.timeframe, signal.as_of, signal.made_at, one.kind),
        *(signal.in_sample, signal.decision, signal.direction, signal.probability),
        *(signal.conviction, signal.tier, signal.evidence, one.is_open),
        max(revisions, default=None),
        *(horizon.get(name) for name in HORIZON),
        *(trade.get(name) for name in TRADE),
    ]


def _line(cells: Any) -> str:  # noqa: ANN401 - any row
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
