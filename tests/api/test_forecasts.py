"""Forecasts over HTTP: the fan is the label's formula read backwards, its end is the calendar's."""

import math
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.core.values.forecast import PROBABILITIES
from assay.core.values.timeframe import Timeframe
from assay.store.signals import Signals
from assay.workflows.foreseen import NOT_KEPT, fan_of, horizon_end
from assay.workflows.issue import issue
from tests.workflows.workspace import LIGHT

URL = "/api/v1/forecasts/EURUSD/1h"


def test_every_member_has_a_fan_whose_scaled_returns_are_its_quantiles(
    client: TestClient, parts: Parts
) -> None:
    row = Signals(parts.desk.journal).newest("EURUSD", Timeframe.H1)
    assert row is not None

    found = client.get(URL).json()

    assert (found["signal_id"], found["decimals"]) == (row.id, 5)
    assert {one["member"] for one in found["members"]} == set(LIGHT)
    for one, part in zip(found["members"], row.payload["members"], strict=True):
        assert one["silent"] is one["absent"] is None
        assert one["p_down"] + one["p_flat"] + one["p_up"] == pytest.approx(1.0, abs=1e-6)
        assert [q["p"] for q in one["fan"]] == list(PROBABILITIES)
        prices = [q["price"] for q in one["fan"]]
        assert prices == sorted(prices)
        scaled = [math.log(price / one["price"]) / one["volatility"] for price in prices]
        assert scaled == pytest.approx([part["quantiles"][str(p)] for p in PROBABILITIES])
        assert datetime.fromisoformat(one["until"]) > datetime.fromisoformat(one["made_at"])


def test_a_member_of_longer_bars_counts_from_their_close(client: TestClient, parts: Parts) -> None:
    bars = parts.desk.bars.read(parts.desk.instrument("EURUSD"), Timeframe.H4).frame

    found = client.get(URL).json()

    longer = [one for one in found["members"] if one["timeframe"] == "4h"]
    assert longer
    for one in longer:
        at = datetime.fromisoformat(one["made_at"])
        assert one["price"] == bars.filter(bars["time"] == at)["close"][0]


def test_a_newer_signal_brings_newer_forecasts(client: TestClient, parts: Parts) -> None:
    before = client.get(URL).json()["as_of"]

    row = issue(parts.desk, "EURUSD", Timeframe.H1)

    after = client.get(URL).json()
    assert after["signal_id"] == row.id
    assert after["as_of"] > before


def test_a_horizon_over_the_weekend_ends_when_the_market_has_traded_so_long(parts: Parts) -> None:
    friday = datetime(2022, 1, 7, 20, tzinfo=UTC)

    end = horizon_end(parts.desk, "EURUSD", Timeframe.H1, friday, 4)

    assert end == datetime(2022, 1, 10, 0, tzinfo=UTC)  # 21, 22, then 23 on Sunday, midnight


def test_a_signal_from_before_quantiles_were_kept_says_so() -> None:
    fan, absent = fan_of({"member": "ridge"}, 1.1)

    assert (fan, absent) == ((), NOT_KEPT)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/api/v1/forecasts/EURUSD/5m", "no bars of EURUSD 5m"),
        ("/api/v1/forecasts/EURUSD/4h", "No signal of EURUSD 4h is issued yet"),
        ("/api/v1/forecasts/EURUDS/1h", "EURUDS"),
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, url: str, said: str) -> None:
    found = client.get(url)

    assert found.status_code == 404
    assert said in found.json()["detail"]
