"""What is made of a terminal's answers before they are bars."""

import math

import pytest

from assay.core.errors import DataError
from assay.sources.terminal.answers import Told
from assay.sources.terminal.history import hourly


def told(rows: object) -> Told:
    return Told(
        rows=rows, until=9, oldest=1, older=False, room=True, synced=True, limit=1, ticked=1,
        gmt=1, offset=0,
    )  # fmt: skip


def test_hours_that_cannot_be_read_and_copies_are_left_out() -> None:
    odd: list[object] = [None, "a", [], {}, True, math.nan, math.inf, -1.0, 0]
    rows = [[place, 1.0, value, 1.0, 1.0, 3] for place, value in enumerate(odd)]
    good = [[20, 1, 3, 2, 2, 1], [10, 1.0, 2.0, 1.0, 1.0, 3], [10, 1.0, 9.0, 1.0, 1.0, 3]]
    short = [[], [30], "text", None, ["a", 1.0, 2.0, 1.0]]

    frame = hourly([told([*rows, *good]), told(short)])

    assert frame.rows() == [(10, 2.0, 1.0), (20, 3.0, 2.0)]


def test_no_hours_are_a_frame_without_rows() -> None:
    assert hourly([told([])]).shape == (0, 3)


@pytest.mark.parametrize("rows", [None, 7, "text", {"a": 1}])
def test_what_is_no_list_of_bars_is_refused(rows: object) -> None:
    with pytest.raises(DataError, match="MetaTrader 5"):
        hourly([told(rows)])
