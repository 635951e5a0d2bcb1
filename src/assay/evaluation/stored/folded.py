"""Tables behind plots, folded away until they are asked for."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assay.evaluation.page import table
from assay.evaluation.stored.days import DayCount

SHOWN_DAYS = 200


def folded(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table under its title, which unfolds it."""
    return (
        f'<details class="more"><summary>{escape(title)}</summary>{table(columns, rows)}</details>'
    )


def odd_days(days: Sequence[DayCount], closed: Mapping[str, str]) -> str:
    """Return the days that are not whole or have a flag as a table: what the cells say."""
    odd = [one for one in days if one[2] < one[1] or one[3]]
    if not odd:
        return '<p class="note">Every day is whole, and no bar is flagged.</p>'
    rows = [
        (str(day), expected, there, expected - there, flagged, closed.get(str(day), ""))
        for day, expected, there, flagged in odd[-SHOWN_DAYS:]
    ]
    columns = ("day (UTC)", "expected", "there", "missing", "flagged", "what day it is")
    more = f" (the last {SHOWN_DAYS:,} of them)" if len(odd) > SHOWN_DAYS else ""
    return folded(f"{len(odd):,} days that are not whole or have a flag{more}", columns, rows)
