"""Laws of what comes over a stream, whatever order a provider tells it in."""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Access, LiveBars
from assay.sources.wire.live import REMEMBERED, LiveStream, Told
from assay.sources.wire.rows import Rows
from assay.sources.wire.socket import Heard, Socket
from tests.doubles.market import NOW, known
from tests.doubles.reach import Hands

SERIES = (known("BTCUSDT"), Timeframe.M1)
FIRST = NOW.replace(second=0) - timedelta(hours=1)
Telling = tuple[int, int, bool]
"""A minute, a volume, and whether the provider says that it is a correction."""
tellings = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 3), st.booleans()), min_size=1, max_size=40
)


class Script:
    """A socket that says what it is told to, one message each time."""

    title = "The script"

    def __init__(self, messages: Sequence[object]) -> None:
        self._left = list(messages)

    def receive(self, timeout: float) -> Heard | None:
        """See `Socket.receive`."""
        return Heard(self._left.pop(0)) if self._left else None

    def close(self) -> None:
        """See `Socket.close`."""


def reading(body: object) -> list[Told]:
    minute, volume, corrected = cast("Telling", body)
    opened = round((FIRST + timedelta(minutes=minute)).timestamp() * 1e6)
    rows = Rows([opened], [2.0], [3.0], [1.0], [2.0], [float(volume)])
    return [Told(SERIES, rows, corrected)]


def told(messages: Sequence[Telling]) -> list[LiveBars]:
    """Return what comes of messages; those that hold nothing new are left out."""
    hands = Hands()
    access = Access("script", clock=hands, budget=hands, sleep=hands.sleep)
    stream = LiveStream(access, cast("Socket", Script(messages)), [SERIES], reading)
    return [one for one in iter(lambda: stream.next(1.0), None) if len(one.bars)]


def kept(found: Sequence[LiveBars]) -> dict[object, float]:
    """Return the volume of each minute as a store has it that obeys what it hears."""
    rows = pl.concat([one.bars.frame for one in found]).select("time", "volume").rows()
    return dict(rows)


@settings(deadline=None)
@given(messages=tellings)
def test_who_obeys_what_comes_ends_with_what_was_told_last(messages: list[Telling]) -> None:
    found = told(messages)

    last = {FIRST + timedelta(minutes=m + 1): float(volume) for m, volume, _ in messages}
    assert kept(found) == last


@settings(deadline=None)
@given(messages=tellings)
def test_bars_that_are_no_corrections_move_on_in_time(messages: list[Telling]) -> None:
    fresh = [one.bars.last_time for one in told(messages) if not one.corrected]

    assert fresh == sorted(set(fresh))


@settings(deadline=None)
@given(messages=tellings)
def test_telling_everything_twice_changes_nothing(messages: list[Telling]) -> None:
    once = told(messages)
    twice = told([one for message in messages for one in (message, message)])

    assert [(one.bars.frame.rows(), one.corrected) for one in once] == [
        (one.bars.frame.rows(), one.corrected) for one in twice
    ]


def test_a_correction_of_what_was_never_told_is_one_too() -> None:
    found = told([(1, 1, False), (2, 1, True), (3, 1, False)])

    assert [one.corrected for one in found] == [False, True, False]


def test_after_many_bars_the_last_ones_are_still_known() -> None:
    many = [(minute - 2 * REMEMBERED, 1, False) for minute in range(2 * REMEMBERED)]

    found = told([*many, many[-1], many[-REMEMBERED], (-2, 3, False)])

    assert len(found) == len(many) + 1
    assert found[-1].corrected


def test_what_is_not_told_of_the_series_is_a_heartbeat() -> None:
    hands = Hands()
    access = Access("script", clock=hands, budget=hands, sleep=hands.sleep)
    stream = LiveStream(access, cast("Socket", Script([{}])), [SERIES], lambda _: [])

    first, second = stream.next(1.0), stream.next(1.0)

    assert first is not None
    assert len(first.bars) == 0
    assert second is None
