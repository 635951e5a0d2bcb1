"""What is FRED's own: vintages, cut periods, answers in parts, and the hours of releases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from assay.core.errors import (
    NotFoundError,
    TransientError,
)
from assay.sources.figures import Figure
from assay.sources.macro import fred as fred_adapter
from assay.sources.published import PUBLISHED
from assay.sources.wire.http import ATTEMPTS
from tests.doubles.fred import WITHOUT_VINTAGES, Fred
from tests.doubles.macrodesk import SINCE, MacroReached, macro_reached, order
from tests.doubles.market import NOW

LATELY = datetime(2026, 10, 1, tzinfo=UTC)
THE_WEEK = NOW - timedelta(days=5)


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture
def fred() -> Iterator[MacroReached]:
    with macro_reached(Fred) as found:
        yield found


def test_the_hour_of_a_release_moves_with_the_clocks_of_its_country(fred: MacroReached) -> None:
    cpi = PUBLISHED["CPIAUCSL"]

    summer, winter = (cpi.seen(day) for day in (datetime(2026, 7, 14), datetime(2026, 11, 12)))  # noqa: DTZ001 - days

    assert summer == datetime(2026, 7, 14, 12, 30, tzinfo=UTC)
    assert winter == datetime(2026, 11, 12, 13, 30, tzinfo=UTC)


def test_a_series_without_an_hour_is_known_when_the_day_is_over_in_st_louis(
    fred: MacroReached,
) -> None:
    found = fred.on("IRLTLT01GBM156N")

    assert found[-1].period == "2026-09"
    assert found[-1].seen_at == datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


def test_versions_of_a_figure_share_when_it_was_due(fred: MacroReached) -> None:
    found = fred.on("CPIAUCSL")
    by_period: dict[str, list[Figure]] = {}
    for one in found:
        by_period.setdefault(one.period, []).append(one)

    revised = {period: every for period, every in by_period.items() if len(every) > 1}
    assert revised
    assert all(len({one.event_at for one in every}) == 1 for every in by_period.values())
    assert all(every[0].seen_at == every[0].event_at for every in by_period.values())


def test_a_revision_asked_for_alone_keeps_the_day_its_figure_was_due(fred: MacroReached) -> None:
    whole = {(one.period, one.seen_at): one for one in fred.on("CPIAUCSL")}

    november = datetime(2026, 11, 1, tzinfo=UTC)
    lately = fred.on("CPIAUCSL", november)

    assert lately == sorted((whole[one.period, one.seen_at] for one in lately), key=order)
    assert any(one.event_at < november for one in lately)


def test_the_history_in_the_first_vintage_is_known_since_then_and_no_earlier(
    fred: MacroReached,
) -> None:
    found = fred.on("CPIAUCSL", SINCE, datetime(2026, 1, 20, tzinfo=UTC))

    assert len(found) == 24
    assert {one.seen_at for one in found} == {datetime(2026, 1, 13, 13, 30, tzinfo=UTC)}


def test_more_vintages_than_one_answer_may_have_are_asked_for_in_parts(
    fred: MacroReached, monkeypatch: pytest.MonkeyPatch
) -> None:
    want = {code: fred.double.truth(code, SINCE, NOW) for code in fred.double.questions}
    monkeypatch.setattr(fred_adapter, "MOST_VINTAGES", 7)

    found = {code: fred.on(code) for code in fred.double.questions}

    assert found == want
    assert len(fred.double.asked) > 40


def test_an_answer_in_many_parts_is_read_whole(fred: MacroReached) -> None:
    fred.double.most = 9

    assert fred.on("CPIAUCSL", LATELY) == fred.double.truth("CPIAUCSL", LATELY, NOW)
    assert len(fred.double.asked) > 5


def test_an_answer_that_changes_while_it_is_read_is_asked_for_again(fred: MacroReached) -> None:
    fred.double.most = 9
    lengths = iter((0, 0, 0, 1))
    fred.double.spoil = lambda rows: rows[next(lengths, 1) :]

    with pytest.raises(TransientError, match="changed"):
        fred.on("CPIAUCSL", LATELY)


def test_a_rate_that_is_decided_is_told_when_it_changes(fred: MacroReached) -> None:
    found = fred.on("DFEDTARU")

    assert [one.actual for one in found] == [4.0, 3.75, 3.5]
    assert [one.event_at for one in found[1:]] == [
        datetime(2026, 9, 16, 18, 0, tzinfo=UTC),
        datetime(2026, 10, 28, 18, 0, tzinfo=UTC),
    ]
    assert fred.on("DFEDTARU", datetime(2026, 11, 2, tzinfo=UTC)) == []


def test_a_series_without_vintages_is_refused_for_what_was_known_when_cannot_be_told(
    fred: MacroReached,
) -> None:
    with pytest.raises(NotFoundError, match=r"^FRED keeps no vintages"):
        fred.provider.page(WITHOUT_VINTAGES, LATELY, NOW)


def test_a_series_that_it_does_not_have_is_named(fred: MacroReached) -> None:
    with pytest.raises(NotFoundError, match="NAPM"):
        fred.provider.page("NAPM", LATELY, NOW)


def test_the_days_to_come_of_a_release_are_known_now(fred: MacroReached) -> None:
    page = fred.provider.page("schedule/CPIAUCSL", LATELY, NOW)

    assert [one.event_at for one in page.figures] == [
        datetime(2026, 12, 10, 13, 30, tzinfo=UTC),
        datetime(2027, 1, 13, 13, 30, tzinfo=UTC),
    ]
    assert {one.title for one in page.figures} == {"Consumer Price Index"}
    assert all(one.actual is None and one.seen_at == NOW for one in page.figures)
