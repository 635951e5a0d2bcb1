"""Candles survive being written as small integers, and days are what their bars make them."""

import json

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluation.candles import FIELDS, decode, encode, grouped
from assay.evaluation.svg_candles import span_plot, trade_plot
from tests.evaluation.reports import LEVELS, walk


@given(seed=st.integers(0, 1_000), count=st.integers(0, 80))
def test_what_is_written_is_read_again(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    times, prices = np.cumsum(chance.integers(1, 4_000, count)), walk(count, chance)

    numbers = encode(times, prices)
    again = decode(json.loads(json.dumps(numbers)))

    assert np.array_equal(again[0], times)
    assert np.array_equal(again[1], prices.reshape(-1, 4))
    assert len(numbers) == (2 + FIELDS * count if count else 0)


@given(seed=st.integers(0, 1_000), count=st.integers(1, 80))
def test_a_group_opens_with_its_first_bar_and_closes_with_its_last(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    prices, group = walk(count, chance), np.sort(chance.integers(0, 9, count))

    days, candles = grouped(prices, group)

    frame = pl.DataFrame(prices, schema=["open", "high", "low", "close"], orient="row")
    oracle = (
        frame.with_columns(day=group)
        .group_by("day", maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
        )
    )
    assert np.array_equal(days, oracle["day"].to_numpy())
    assert np.array_equal(candles, oracle.drop("day").to_numpy())


def test_a_trade_is_drawn_inside_its_plot_with_every_level() -> None:
    minutes = np.arange(40) * 60
    trade = {**LEVELS, "side": 1, "entered": 20 * 3_600, "left": 25 * 3_600}

    svg = trade_plot(minutes, walk(40, np.random.default_rng(1)), trade, tick=1e-5, title="t")

    assert svg.count('class="level') == 3
    assert svg.count('class="in"') == svg.count('class="out"') == 1


def test_a_single_bar_is_too_little_to_draw() -> None:
    one = walk(1, np.random.default_rng(1))

    assert "too little" in trade_plot(np.array([0]), one, LEVELS, tick=1e-5, title="t")
    assert "too little" in span_plot(np.array([0]), one[:, 3], [], tick=1e-5, title="t")
