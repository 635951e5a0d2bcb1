"""Explanations over HTTP, and what came of earlier signals like one."""

import math

import polars as pl
import pytest
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.store.signals import SignalRow, Signals
from assay.workflows.issue import issue
from assay.workflows.precedents import NEAR, precedents


def rows_of(parts: Parts) -> list[SignalRow]:
    return sorted(Signals(parts.desk.journal).list(), key=lambda row: row.as_of)


def test_the_waterfall_adds_up_to_the_pooled_log_odds(client: TestClient, parts: Parts) -> None:
    row = rows_of(parts)[-1]

    found = client.get(f"/api/v1/signals/{row.id}/explanation").json()

    why = found["why"]
    total = why["base_log_odds"] + math.fsum(part["part"] for part in why["parts"])
    assert total == pytest.approx(why["log_odds"], abs=1e-9)
    sizes = [abs(part["part"]) for part in why["parts"]]
    assert sizes == sorted(sizes, reverse=True)


def test_it_shows_both_phases_the_journals_proof_and_what_would_lift_each_reason(
    client: TestClient, parts: Parts
) -> None:
    row = rows_of(parts)[-1]

    found = client.get(f"/api/v1/signals/{row.id}/explanation").json()

    journal = found["how"]["journal"]
    assert journal["sealed_first"]
    assert journal["seal_holds"]
    assert journal["intact"]
    assert found["why"]["verdict"]["sealed"] == found["why"]["view"]["digest"]
    assert all(source["state"] == "verified" for source in found["how"]["sources"])
    codes = [line["code"] for line in found["what_if"]["reasons"]]
    assert codes[: len(row.payload["reasons"])] == list(row.payload["reasons"])
    assert found["since"]["bars"] > 0


def test_a_correction_since_is_told_with_its_reason(client: TestClient, parts: Parts) -> None:
    row = rows_of(parts)[-1]
    bars = parts.desk.bars.read(parts.desk.instrument("EURUSD"), Timeframe.H1)
    moved = bars.frame.filter(pl.col("time") == row.as_of).with_columns(pl.col("high") * 1.001)
    parts.desk.bars.correct(
        Bars(bars.instrument, bars.timeframe, moved),
        reason="the feed sent it again",
        known_at=parts.desk.bars.info("EURUSD", Timeframe.H1).known_at + Timeframe.D1.length,
    )

    seen = client.get(f"/api/v1/signals/{row.id}/explanation").json()["how"]["seen"]

    assert seen["same"] is False
    assert seen["changed"] == 1
    assert seen["corrections"][0]["reason"] == "the feed sent it again"


def test_precedents_are_earlier_alike_and_over_when_the_bar_closed(parts: Parts) -> None:
    rows = rows_of(parts)
    last = issue(parts.desk, "EURUSD", Timeframe.H1)
    bars = parts.desk.bars.read(parts.desk.instrument("EURUSD"), Timeframe.H1).frame
    times, closes = bars["time"].to_list(), bars["close"].to_list()
    expected = {}
    for row in rows:
        place = times.index(row.as_of)
        alike = row.payload["direction"] == last.payload["direction"]
        near = abs((row.conviction or 0) - (last.conviction or 0)) <= NEAR
        if alike and near and place + 4 < len(times) and times[place + 4] <= last.as_of:
            log_return = math.log(closes[place + 4] / closes[place])
            expected[row.id] = log_return / row.payload["volatility"]

    found = precedents(parts.desk, last)

    assert {one.signal.id: one.scaled for one in found.cases} == pytest.approx(expected)
    assert found.n == len(expected)
    assert found.moved == sum(abs(scaled) > 0.25 for scaled in expected.values())
    assert found.few


def test_the_first_signal_has_no_precedents(client: TestClient, parts: Parts) -> None:
    row = rows_of(parts)[0]

    similar = client.get(f"/api/v1/signals/{row.id}/explanation").json()["similar"]

    assert (similar["n"], similar["moved"], similar["share"], similar["few"]) == (0, 0, None, True)
    assert similar["cases"] == []
