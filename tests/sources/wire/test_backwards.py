"""However an answer is cut at its old end, the page holds all there is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.calendars.table import micro
from assay.core.instruments import instrument
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.wire.backwards import page_back
from assay.sources.wire.rows import Asked, Rows

LENGTH = timedelta(minutes=5)
START = datetime(2026, 11, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Source:
    """Has the bars that close at `closes` and tells of the newest `most` of those asked for."""

    def __init__(self, closes: list[datetime], most: int) -> None:
        self.closes, self.most = closes, most
        self.asked: list[datetime] = []

    def ask(self, close: datetime) -> tuple[Rows, datetime]:
        self.asked.append(close)
        told = [one for one in self.closes if one <= close][-self.most :]
        price: list[object] = [1.1] * len(told)
        opened = [micro(one - LENGTH) for one in told]
        return Rows(opened, price, price, price, price, None), NOW


def asked(kind: Instrument, start: datetime, end: datetime) -> Asked:
    return Asked("Somebody", kind, Timeframe.M5, start, end, end)


@given(there=st.sets(st.integers(1, 60), max_size=60), most=st.integers(1, 20))
def test_every_bar_is_found_once(there: set[int], most: int) -> None:
    closes = [START + at * LENGTH for at in sorted(there)]
    source = Source(closes, most)

    page = page_back(source.ask, asked(instrument("BTCUSDT"), START, START + 60 * LENGTH))

    assert page.bars.frame["time"].to_list() == closes
    assert page.through == START + 60 * LENGTH
    assert len(source.asked) <= len(closes) / most + 2


@given(there=st.sets(st.integers(1, 60), max_size=60), most=st.integers(1, 20))
def test_what_is_older_than_asked_ends_the_asking(there: set[int], most: int) -> None:
    closes = [START + at * LENGTH for at in sorted(there)]
    source = Source([START - LENGTH, START, *closes], most + 1)

    page = page_back(source.ask, asked(instrument("BTCUSDT"), START, START + 60 * LENGTH))

    assert page.bars.frame["time"].to_list() == closes
    assert source.asked == sorted(set(source.asked), reverse=True)


@pytest.mark.parametrize(("opens", "questions"), [(1, 1), (2, 2)])
def test_a_closed_market_is_not_asked_about(opens: int, questions: int) -> None:
    sunday = datetime(2026, 11, 15, 22, tzinfo=UTC)
    closes = [sunday + at * LENGTH for at in range(opens, 13)]
    source = Source(closes, 100)

    page = page_back(
        source.ask, asked(instrument("EURUSD"), sunday - timedelta(days=1), closes[-1])
    )

    assert page.bars.frame["time"].to_list() == closes
    assert len(source.asked) == questions


def test_the_oldest_answer_says_how_far_the_page_holds() -> None:
    closes = [START + at * LENGTH for at in range(1, 61)]
    source = Source(closes, 25)

    def late(close: datetime) -> tuple[Rows, datetime]:
        rows, _ = source.ask(close)
        return rows, START + 50 * LENGTH + len(source.asked) * LENGTH

    page = page_back(late, asked(instrument("BTCUSDT"), START, closes[-1]))

    assert page.through == START + 51 * LENGTH
    assert page.current
    assert len(page.bars) == 51


def test_rows_nobody_can_read_are_said_and_stop_nothing() -> None:
    closes = [START + at * LENGTH for at in range(1, 61)]
    source = Source(closes, 25)

    def damaged(close: datetime) -> tuple[Rows, datetime]:
        rows, at = source.ask(close)
        price: list[object] = [1.1] * (1 + len(rows.opened))
        return Rows([None, *rows.opened], price, price, price, price, None), at

    page = page_back(damaged, asked(instrument("BTCUSDT"), START, closes[-1]))

    assert page.bars.frame["time"].to_list() == closes
    assert [note.code for note in page.notes] == ["unreadable_row"]
