"""How far the simulated market looks like one: each trait measured on what the source gives."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from assay.core.instruments import KNOWN, equity, instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import Simulated

Floats = NDArray[np.float64]
SYMBOLS = ("EURUSD", "GBPUSD", "EURGBP", "AUDUSD", "NZDUSD", "USDJPY", "XAUUSD", "BTCUSDT",
           "ETHUSDT")  # fmt: skip
YEARS = 3.0


@pytest.fixture(scope="module")
def market() -> Simulated:
    chosen = [*(instrument(symbol) for symbol in SYMBOLS), equity("ACME")]
    return Simulated(seed=21, years=YEARS, instruments=chosen)


def frame_of(market: Simulated, symbol: str) -> pl.DataFrame:
    one = KNOWN.get(symbol) or equity(symbol)
    return market.bars(one, Timeframe.H1).bars.frame


def moves(frame: pl.DataFrame) -> Floats:
    """Return the log moves of hours that follow the hour before."""
    together = frame["time"].diff().dt.total_minutes() == 60
    return frame["close"].log().diff().filter(together).to_numpy()


def autocorrelation(values: Floats, lag: int) -> float:
    return float(np.corrcoef(values[lag:], values[:-lag])[0, 1])


@pytest.mark.parametrize("symbol", ["EURUSD", "USDJPY", "XAUUSD", "BTCUSDT"])
def test_volatility_comes_in_clusters(market: Simulated, symbol: str) -> None:
    size = np.abs(moves(frame_of(market, symbol)))
    size = np.minimum(size, np.quantile(size, 0.995))

    assert autocorrelation(size, 1) > 0.12
    assert min(autocorrelation(size, lag) for lag in (1, 2, 3, 22, 24, 26, 47, 48, 49)) > 0.04
    assert np.mean([autocorrelation(size, lag) for lag in range(1, 51)]) > 0.03


def test_returns_themselves_have_next_to_no_memory(market: Simulated) -> None:
    for symbol in ("EURUSD", "USDJPY", "XAUUSD"):
        move = moves(frame_of(market, symbol))
        move = np.clip(move, *np.quantile(move, [0.005, 0.995]))
        for lag in (1, 2, 3, 5):
            assert abs(autocorrelation(move, lag)) < 0.13


@pytest.mark.parametrize("symbol", ["EURUSD", "GBPUSD", "AUDUSD", "USDJPY", "XAUUSD", "BTCUSDT"])
def test_tails_are_fat(market: Simulated, symbol: str) -> None:
    move = moves(frame_of(market, symbol))

    away = move - move.mean()
    assert float(np.mean(away**4) / np.mean(away**2) ** 2) > 5.0


def test_london_and_new_york_are_busier_than_the_night(market: Simulated) -> None:
    frame = frame_of(market, "EURUSD").with_columns(
        size=pl.col("close").log().diff().abs(),
        london=pl.col("time").dt.convert_time_zone("Europe/London").dt.hour(),
    )

    busy = frame.filter(pl.col("london").is_between(9, 17))["size"].mean()
    night = frame.filter(pl.col("london").is_between(0, 5))["size"].mean()

    assert isinstance(busy, float)
    assert isinstance(night, float)
    assert busy > 1.5 * night


def test_tokyo_wakes_the_yen_more_than_the_pound(market: Simulated) -> None:
    def share(symbol: str) -> float:
        frame = frame_of(market, symbol).with_columns(
            size=pl.col("close").log().diff().abs(),
            tokyo=pl.col("time").dt.convert_time_zone("Asia/Tokyo").dt.hour(),
        )
        morning = frame.filter(pl.col("tokyo").is_between(9, 12))["size"].mean()
        whole = frame["size"].mean()
        assert isinstance(morning, float)
        assert isinstance(whole, float)
        return morning / whole

    assert share("USDJPY") > 1.2 * share("GBPUSD")


def test_weekends_and_holidays_leave_gaps_that_prices_jump(market: Simulated) -> None:
    frame = frame_of(market, "EURUSD").with_columns(
        pause=pl.col("time").diff().dt.total_hours(),
        jump=(pl.col("open") / pl.col("close").shift()).log().abs(),
        size=pl.col("close").log().diff().abs(),
    )

    week_end = frame.filter(pl.col("pause") > 40)

    assert 0.95 < week_end.height / (YEARS * 52) < 1.05
    assert week_end["jump"].median() > 0.3 * frame["size"].median()  # type: ignore[operator]  # Float64
    christmas = frame.filter(pl.col("time").dt.strftime("%m-%d") == "12-25")
    assert christmas.height < 3 * 24 * 0.5


def test_coins_trade_on_sundays_and_pairs_do_not(market: Simulated) -> None:
    noon = (pl.col("time").dt.weekday() == 7) & (pl.col("time").dt.hour() == 12)

    assert frame_of(market, "BTCUSDT").filter(noon).height > 0.95 * YEARS * 52
    assert frame_of(market, "EURUSD").filter(noon).height == 0


def test_releases_make_jumps(market: Simulated) -> None:
    frame = frame_of(market, "EURUSD").with_columns(size=pl.col("close").log().diff().abs())
    big = [
        one.event_at
        for one in market.releases()
        if one.currency == "USD" and one.series.startswith(("employment", "cpi", "policy"))
    ]
    at = pl.DataFrame({"event": big}).cast(pl.Datetime("us", "UTC"))
    hour = at.select(time=pl.col("event").dt.truncate("1h") + pl.duration(hours=1))

    during = frame.join(hour, on="time")["size"].mean()
    usual = frame.filter(pl.col("time").dt.hour().is_in([13, 14, 15, 19, 20]))["size"].mean()

    assert isinstance(during, float)
    assert isinstance(usual, float)
    assert during > 1.35 * usual


def test_a_good_surprise_lifts_its_currency_at_once(market: Simulated) -> None:
    frame = frame_of(market, "EURUSD").select("time", move=pl.col("close").log().diff())
    rows = [
        ((one.actual - one.consensus) * (1 if one.currency == "EUR" else -1), one.event_at)
        for one in market.releases()
        if one.currency in ("EUR", "USD") and one.series == "employment_change_thousands"
        if one.consensus is not None
    ]
    table = pl.DataFrame(rows, schema=["surprise", "event"], orient="row").with_columns(
        time=(pl.col("event").dt.truncate("1h") + pl.duration(hours=1)).dt.cast_time_unit("us")
    )

    both = frame.join(table, on="time").drop_nulls()

    assert both.height > 50
    assert np.corrcoef(both["surprise"].to_numpy(), both["move"].to_numpy())[0, 1] > 0.3


def test_currencies_that_share_a_factor_move_together(market: Simulated) -> None:
    joined = frame_of(market, "EURUSD").select("time", EURUSD="close")
    for symbol in ("GBPUSD", "AUDUSD", "NZDUSD", "XAUUSD", "BTCUSDT", "ETHUSDT"):
        one = frame_of(market, symbol).select("time", **{symbol: pl.col("close")})
        joined = joined.join(one, on="time")
    names = joined.columns[1:]
    move = np.diff(np.log(joined.select(names).to_numpy()), axis=0)

    table = np.corrcoef(move.T)

    def of(left: str, right: str) -> float:
        return float(table[names.index(left), names.index(right)])

    assert of("AUDUSD", "NZDUSD") > of("AUDUSD", "EURUSD") > 0.2
    assert of("EURUSD", "GBPUSD") > 0.3
    assert of("BTCUSDT", "ETHUSDT") > 0.5
    assert 0.1 < of("EURUSD", "XAUUSD") < 0.6


def test_the_triangle_closes_up_to_a_little(market: Simulated) -> None:
    one = frame_of(market, "EURUSD").select("time", a=pl.col("close").log())
    two = frame_of(market, "GBPUSD").select("time", b=pl.col("close").log())
    three = frame_of(market, "EURGBP").select("time", c=pl.col("close").log())
    joined = one.join(two, on="time").join(three, on="time")

    implied = (joined["a"] - joined["b"]).to_numpy()
    direct = joined["c"].to_numpy()

    assert np.corrcoef(np.diff(implied), np.diff(direct))[0, 1] > 0.85
    assert np.abs((direct - implied) - (direct - implied).mean()).max() < 0.08


def test_about_one_bar_in_a_thousand_is_missing_some_in_runs(market: Simulated) -> None:
    missing = [
        int(market.bars(one, Timeframe.H1).notes[1].sentence.split()[0].replace(",", ""))
        for one in market.instruments
    ]
    there = [frame_of(market, one.symbol).height for one in market.instruments]
    pause = frame_of(market, "BTCUSDT")["time"].diff().dt.total_hours().drop_nulls()

    assert 0.0003 < sum(missing) / sum(there) < 0.003
    assert (pause > 1).any()
    assert (
        max(
            int(frame_of(market, name)["time"].diff().dt.total_hours().drop_nulls().max() or 0)  # type: ignore[arg-type]  # Int64
            for name in ("BTCUSDT", "ETHUSDT")
        )
        > 3
    )


def test_volume_rises_with_the_move(market: Simulated) -> None:
    for symbol in ("EURUSD", "BTCUSDT", "ACME"):
        frame = frame_of(market, symbol)
        size = (frame["close"] / frame["open"]).log().abs().to_numpy()
        assert np.corrcoef(np.log(frame["volume"].to_numpy()), size)[0, 1] > 0.25


def test_wicks_are_neither_absent_nor_everything(market: Simulated) -> None:
    frame = frame_of(market, "EURUSD")

    reach = (frame["high"] - frame["low"]).to_numpy()
    body = (frame["close"] - frame["open"]).abs().to_numpy()

    assert 0.35 < body.sum() / reach.sum() < 0.65
