"""The board over HTTP: the newest stored signal of every series, and how old it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.store.signals import Signals
from assay.workflows.issue import issue
from tests.workflows.workspace import HandClock

URL = "/api/v1/board"


def set_clock(parts: Parts, at: datetime) -> None:
    assert isinstance(parts.desk.clock, HandClock)
    parts.desk.clock.at = at


def test_every_series_has_a_place_and_the_newest_bars_signal(
    client: TestClient, parts: Parts
) -> None:
    newest = Signals(parts.desk.journal).newest("EURUSD", Timeframe.H1)
    info = parts.desk.bars.info("EURUSD", Timeframe.H1)
    assert newest is not None

    found = client.get(URL).json()

    assert found["problems"] == []
    hour, four = found["places"]
    assert (hour["timeframe"], four["timeframe"]) == ("1h", "4h")
    assert hour["signal"]["id"] == newest.id
    assert hour["previous"]["as_of"] < hour["signal"]["as_of"]
    assert datetime.fromisoformat(hour["last_bar_at"]) == info.last
    assert four["signal"] is four["previous"] is four["is_stale"] is None


def test_nothing_is_computed_and_nothing_written(client: TestClient, parts: Parts) -> None:
    before = parts.desk.journal.head()

    client.get(URL)

    assert parts.desk.journal.head() == before


def test_a_signal_issued_since_is_on_it_at_once_and_the_old_one_is_the_previous(
    client: TestClient, parts: Parts
) -> None:
    before = client.get(URL).json()["places"][0]["signal"]
    row = issue(parts.desk, "EURUSD", Timeframe.H1)

    after = client.get(URL).json()["places"][0]

    assert after["signal"]["id"] == row.id
    assert after["previous"] == before
    assert after["last_price"] == row.payload["entry"]


def test_age_is_counted_in_bars_that_should_have_closed(client: TestClient, parts: Parts) -> None:
    row = issue(parts.desk, "EURUSD", Timeframe.H1)
    close = row.as_of
    ages = {}
    for hours in (0, 1, 2, 24 * 40):
        set_clock(parts, close + timedelta(hours=hours))
        place = client.get(URL).json()["places"][0]
        ages[hours] = (place["bars_behind"], place["is_stale"], place["age_seconds"])

    assert ages[0] == (0, False, 0.0)
    assert ages[24 * 40] == (None, True, 24 * 40 * 3600.0)
    market_hours = [ages[hours][0] for hours in (1, 2)]
    assert market_hours == sorted(market_hours)
    assert market_hours[1] <= 2


def test_a_weekend_makes_nothing_old(client: TestClient, parts: Parts) -> None:
    bars = parts.desk.bars.read(parts.desk.instrument("EURUSD"), Timeframe.H1).frame
    is_last = (pl.col("time").dt.weekday() == 5) & (pl.col("time").dt.hour() == 22)
    friday = bars.filter(is_last)["time"][-1]
    newest = bars["time"][-1]
    bars_after = bars.filter(pl.col("time") > friday)["time"].to_list()
    cut = Bars(parts.desk.instrument("GBPUSD"), Timeframe.H1, bars.filter(pl.col("time") <= friday))
    parts.desk.bars.append(cut, source="test", known_at=newest)
    told_of(parts, "GBPUSD", friday, simulated=False)
    behind = {}
    for hours in (48, 49, 50):  # Sunday 22:00 opens, the first bar closes at 23:00
        set_clock(parts, friday + timedelta(hours=hours))
        place = place_of(client, "GBPUSD")
        behind[hours] = (place["bars_behind"], place["is_stale"])

    assert bars_after
    assert behind == {48: (0, False), 49: (1, False), 50: (2, True)}


def test_in_a_simulated_market_age_is_counted_by_its_own_newest_bar(
    client: TestClient, parts: Parts
) -> None:
    frame = parts.desk.bars.read(parts.desk.instrument("EURUSD"), Timeframe.H1).frame.tail(50)
    set_clock(parts, datetime(2026, 11, 27, 12, tzinfo=UTC))
    told_of(parts, "EURUSD", frame["time"][-1], simulated=False)
    for symbol, rows in (("GBPUSD", 48), ("USDJPY", 50)):
        parts.desk.bars.append(
            Bars(parts.desk.instrument(symbol), Timeframe.H1, frame.head(rows)),
            source="simulated:7",
            known_at=parts.desk.clock.now(),
            simulated=True,
        )
        told_of(parts, symbol, frame["time"][rows - 1], simulated=True)

    real, late, newest = (place_of(client, one) for one in ("EURUSD", "GBPUSD", "USDJPY"))

    assert (real["simulated"], real["is_stale"], real["bars_behind"]) == (False, True, None)
    assert (newest["is_stale"], newest["bars_behind"], newest["age_seconds"]) == (False, 0, 0.0)
    assert late["age_seconds"] == (frame["time"][-1] - frame["time"][47]).total_seconds()
    assert late["simulated"] is True


def told_of(parts: Parts, symbol: str, at: datetime, *, simulated: bool) -> None:
    """Issue a signal of `symbol` at `at` that says what EURUSD's first one says."""
    row = Signals(parts.desk.journal).list()[-1]
    other = replace(
        row, id=f"sig-{symbol.lower()}", symbol=symbol, as_of=at, simulated=simulated, entry=None
    )
    Signals(parts.desk.journal).issue(other)


def place_of(client: TestClient, symbol: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in client.get(URL).json()["places"] if one["symbol"] == symbol
    )
    return found
