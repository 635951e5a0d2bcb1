"""What is the calendars' own: events to come, figures that come late, plans without them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from assay.core.errors import (
    CredentialError,
    QuotaError,
    RefusedError,
)
from assay.sources.wire.http import ATTEMPTS
from tests.doubles.finnhub_calendar import FinnhubCalendar
from tests.doubles.macrodesk import BURST, macro_doubles, macro_reached
from tests.doubles.market import NOW
from tests.doubles.server import Reply

LATELY = datetime(2026, 10, 1, tzinfo=UTC)
THE_WEEK = NOW - timedelta(days=5)


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


def test_figures_of_one_second_are_all_there() -> None:
    for name in ("fmp_calendar", "finnhub_calendar"):
        with macro_reached(macro_doubles()[name]) as here:
            before, at, after = (
                here.on("calendar", BURST + timedelta(seconds=a), BURST + timedelta(seconds=b))
                for a, b in ((-2, -1), (-1, 0), (0, 1))
            )

        assert [len(before), len(at), len(after)] == [1, 12, 1]


def test_an_event_to_come_is_known_now_and_its_figure_when_it_is_due() -> None:
    with macro_reached(macro_doubles()["fmp_calendar"]) as here:
        page = here.provider.page("calendar", THE_WEEK, NOW)
        to_come = [one for one in page.figures if one.event_at > NOW]
        here.double.damage = lambda row: {**row, "actual": 1.0}
        early = here.provider.page("calendar", THE_WEEK, NOW)

    assert to_come
    assert all(one.actual is None and one.seen_at == NOW for one in to_come)
    assert all(one.actual is None for one in early.figures if one.event_at > NOW)
    assert any(note.code == "early" for note in early.notes)


def test_a_figure_that_comes_late_is_asked_for_again() -> None:
    with macro_reached(macro_doubles()["finnhub_calendar"]) as here:
        page = here.provider.page("calendar", THE_WEEK, NOW)

    assert page.current
    assert page.through == NOW - timedelta(days=2)


def test_a_plan_without_the_calendar_is_no_wrong_key() -> None:
    with macro_reached(FinnhubCalendar) as here:
        here.double.is_premium = False  # type: ignore[attr-defined] # it is a double of Finnhub

        with pytest.raises(RefusedError, match="paid") as caught:
            here.provider.page("calendar", LATELY, NOW)

    assert not isinstance(caught.value, CredentialError)


def test_what_a_day_of_fmp_allows_is_a_quota() -> None:
    with macro_reached(macro_doubles()["fmp_calendar"]) as here:
        body = b'{"Error Message": "Limit Reach . Please upgrade your plan"}'
        here.double.always = lambda reply: Reply(body, 429)

        with pytest.raises(QuotaError, match="used up"):
            here.provider.page("calendar", LATELY, NOW)
