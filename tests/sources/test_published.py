"""The table of series, the hours of central banks, and the names that calendars' events have."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.values.release import LEVELS, direction
from assay.features.join import RATES
from assay.sources import published
from assay.sources.agenda_rows import MAJOR, impact_of, money_of, series_of
from assay.sources.decisions import BANKS, IN_FORCE
from assay.sources.file_calendar import quantity
from assay.sources.published import PUBLISHED, Frequency, Kind

DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))


def test_every_series_is_in_the_table_once_under_a_name_of_its_own() -> None:
    names = [(one.name, one.currency) for one in PUBLISHED.values()]

    assert len(published._ALL) == len(PUBLISHED)
    assert len(set(names)) == len(names)
    assert all(one.document.startswith("https://") for one in PUBLISHED.values())
    assert all(ZoneInfo(one.zone) for one in PUBLISHED.values())
    assert {one.currency for one in PUBLISHED.values()} == MAJOR == set(BANKS)
    assert {one.currency for one in PUBLISHED.values() if one.kind is Kind.DECIDED} == set(IN_FORCE)


def test_the_rates_that_features_read_have_their_names() -> None:
    dollars = {one.name for one in PUBLISHED.values() if one.currency == "USD"}

    assert set(RATES.values()) <= dollars
    assert RATES["short"] in LEVELS
    assert RATES["policy"] not in LEVELS


@given(day=DAYS)
def test_a_version_is_known_on_the_day_of_its_vintage_and_never_before(day: date) -> None:
    chicago = ZoneInfo("America/Chicago")
    for one in PUBLISHED.values():
        begin = datetime(day.year, day.month, day.day, tzinfo=chicago)

        assert begin <= one.seen(day)
        assert one.seen(day).astimezone(chicago).date() == day or one.at is None


@given(day=DAYS)
def test_a_figure_is_due_no_later_than_it_is_assumed_to_be_known(day: date) -> None:
    for one in PUBLISHED.values():
        first = day.replace(day=1) if one.frequency is not Frequency.DAILY else day

        assert one.assumed(first) > datetime.combine(one.last_day(first), datetime.min.time(), UTC)
        if one.kind is not Kind.ANNOUNCED:
            assert one.due(first) <= one.assumed(first)


@pytest.mark.parametrize(
    ("money", "day", "hour"),
    [
        ("USD", date(2022, 12, 14), "2022-12-14T19:00"),
        ("USD", date(2022, 6, 15), "2022-06-15T18:00"),
        ("USD", date(2012, 12, 12), "2012-12-12T19:15"),
        ("EUR", date(2022, 7, 21), "2022-07-21T12:15"),
        ("EUR", date(2022, 6, 9), "2022-06-09T11:45"),
        ("GBP", date(2022, 6, 16), "2022-06-16T11:00"),
        ("CHF", date(2022, 6, 16), "2022-06-16T07:30"),
        ("AUD", date(2022, 6, 7), "2022-06-07T04:30"),
        ("NZD", date(2022, 5, 25), "2022-05-25T02:00"),
        ("CAD", date(2022, 6, 1), "2022-06-01T14:00"),
        ("JPY", date(2022, 6, 17), "2022-06-17T06:00"),
    ],
)
def test_banks_speak_at_their_own_hour(money: str, day: date, hour: str) -> None:
    assert BANKS[money].decided(day).isoformat() == f"{hour}:00+00:00"


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("Fed Interest Rate Decision", "US"),
        ("Federal Funds Rate", "USD"),
        ("Deposit Facility Rate (Sep)", "EUR"),
        ("BoE Interest Rate Decision (Nov)", "UK"),
        ("Official Bank Rate", "GBP"),
        ("BoJ Interest Rate Decision", "JP"),
        ("SNB Policy Rate", "CHF"),
        ("RBA Interest Rate Decision", "AU"),
        ("Cash Rate", "AUD"),
        ("Official Cash Rate", "NZD"),
        ("BoC Interest Rate Decision", "CA"),
        ("Overnight Rate", "CAD"),
    ],
)
def test_decisions_on_the_rate_have_one_name_whoever_tells_them(title: str, place: str) -> None:
    assert series_of(title, place) == RATES["policy"]


def test_other_events_keep_their_own_name() -> None:
    assert series_of("ECB Interest Rate Decision", "EU") == "ecb_interest_rate_decision"
    assert series_of("Cash Rate", "NZD") == "cash_rate"
    assert series_of("Core CPI (MoM) (Oct)", "US") == "core_cpi_mom"
    assert series_of("GDP (QoQ) (Q3) (2)", "US") == "gdp_qoq"
    assert series_of("!!!", "US") == ""
    assert direction(series_of("Initial Jobless Claims", "US")) == -1
    assert direction(series_of("Employment Change", "CA")) == 1


@given(title=st.text(max_size=300), place=st.text(max_size=30))
def test_any_text_has_a_bounded_name_of_plain_letters(title: str, place: str) -> None:
    name = series_of(title, place)

    assert len(name) <= 84
    assert name.isascii()
    assert name == name.strip("_")
    assert money_of(place) in {None, *MAJOR}
    assert impact_of(title) in {"", "high", "medium", "low"}


@given(text=st.text(max_size=40))
def test_any_text_is_a_number_or_none(text: str) -> None:
    found = quantity(text)

    assert found is None or abs(found) < float("inf")
