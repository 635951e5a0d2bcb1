"""Symbol and timeframe from the names that providers and people give to files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.values.timeframe import Timeframe
from assay.sources.file_names import from_name

M1, M5, M15, H1, H4, D1 = (Timeframe(text) for text in ("1m", "5m", "15m", "1h", "4h", "1d"))
QUIRKS = "shared/data/quirks"

NAMES = [
    ("EURUSD_H1_202001020000_202012312300.csv", "EURUSD", H1),
    ("EURUSD_Daily_202001020000_202012310000.csv", "EURUSD", D1),
    ("EURUSD.m_M15_202001020000_202012312300.csv", "EURUSD", M15),
    ("EURUSD60.csv", "EURUSD", H1),
    ("EURUSD1440.csv", "EURUSD", D1),
    ("GBPUSDh1.csv", "GBPUSD", H1),
    ("AUDUSDm5.csv", "AUDUSD", M5),
    ("AUDUSD1.csv", "AUDUSD", M1),
    ("ejtrader_GBPUSDh1_raw.csv.gz", "GBPUSD", H1),
    ("DAT_ASCII_EURUSD_M1_2019.csv", "EURUSD", M1),
    ("DAT_MT_XAUUSD_M1_201902.csv", "XAUUSD", M1),
    ("DAT_ASCII_EURUSD_T_201202.csv", "EURUSD", None),
    ("HISTDATA_COM_ASCII_EURUSD_M12019.zip", "EURUSD", M1),
    ("HISTDATA_COM_ASCII_EURUSD_M12019.zip: DAT_ASCII_EURUSD_M1_2019.csv", "EURUSD", M1),
    ("HISTDATA_COM_ASCII_EURUSD_M12019.zip: data.csv", "EURUSD", M1),
    ("histdata_EURUSD_M1_2019-10-20_2019-11-08.csv.gz", "EURUSD", M1),
    ("EURUSD_Candlestick_1_h_BID_01.01.2019-31.12.2019.csv", "EURUSD", H1),
    ("EURUSD_Candlestick_1_Hour_BID_01.01.2019-31.12.2019.csv", "EURUSD", H1),
    ("EURUSD_Candlestick_1_M_BID_01.01.2019-31.12.2019.csv", "EURUSD", M1),
    ("EURUSD_Candlestick_15_m_ASK_01.01.2019-31.12.2019.csv", "EURUSD", M15),
    ("AAPL.USUSD_Candlestick_1_D_BID_01.04.2020-03.04.2020.csv", "AAPL", D1),
    ("EURUSD_15 Mins_Bid_2025.01.01_2025.12.31.csv", "EURUSD", M15),
    ("USDJPY_Daily_Bid_2015.01.01_2026.08.22.csv", "USDJPY", D1),
    ("eurusd-h1-bid-2019-01-01-2019-12-31.csv", "EURUSD", H1),
    ("BTCUSDT-1h-2022-09.zip", "BTCUSDT", H1),
    ("BTCUSDT-1h-2022-09.zip: BTCUSDT-1h-2022-09.csv", "BTCUSDT", H1),
    ("BTCUSDT-1M-2022.zip", "BTCUSDT", None),
    ("BTCUSDT-1m-2025-01-01_first60.csv", "BTCUSDT", M1),
    ("data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2022-09.zip", "BTCUSDT.P", H1),
    ("data/spot/monthly/klines/BTCUSDT/1h/2022-09.csv", "BTCUSDT", H1),
    ("BTCUSDT_PERP_1h_2020-2022.parquet", "BTCUSDT.P", H1),
    ("BTC_USDT-1h.json", "BTCUSDT", H1),
    ("BTC_USDT_USDT-1h-futures.feather", "BTCUSDT.P", H1),
    ("freqtrade_BTC_USDT-1h_2022-09.json", "BTCUSDT", H1),
    ("OANDA_XAUUSD, 240_ab12c.csv", "XAUUSD", H4),
    ("BINANCE_BTCUSDT, 1D.csv", "BTCUSDT", D1),
    ("BINANCE_BTCUSDT.P, 60 (1).csv", "BTCUSDT.P", H1),
    ("NASDAQ_AAPL, 15.csv", "AAPL", M15),
    ("CME_MINI_ES1!, 5.csv", "ES1!", M5),
    ("FX_EURUSD, 1W.csv", "EURUSD", None),
    ("FX_EURUSD, 1M.csv", "EURUSD", None),
    ("aapl.us.txt", "AAPL", None),
    ("brk-b.us.txt", "BRK-B", None),
    ("aapl_us_d.csv", "AAPL", D1),
    ("AAPL_15m_2017-2022.parquet", "AAPL", M15),
    ("US500_1h_2013-2022.parquet", "US500", H1),
    ("DJIA_daily_2008-2014.csv", "DJIA", D1),
    ("XAUUSD_H1_with_daily_bars_2019-2021.csv.gz", "XAUUSD", H1),
    ("EUR_USD 15 min.csv", "EURUSD", M15),
    ("EURUSD_60-minute.csv", "EURUSD", H1),
    ("XBTUSD_240.csv", "BTCUSD", H4),
    ("EURUSD_W1.csv", "EURUSD", None),
    ("EURUSD_MN1.csv", "EURUSD", None),
    ("EURUSD_2h.csv", "EURUSD", None),
    ("EURUSD.csv", "EURUSD", None),
    ("AAPL.csv", "AAPL", None),
    ("BRK.B.csv", "BRK.B", None),
    ("^GSPC.csv", "GSPC", None),
    ("BTC-USD.csv", "BTCUSD", None),
    (f"{QUIRKS}/GBPUSD_2018-03-04_2018-03-30/ejtrader_h1.csv", "GBPUSD", H1),
    (f"{QUIRKS}/GBPUSD_2018-03-04_2018-03-30/histdata_m1.csv.gz", "GBPUSD", M1),
    ("C:\\data\\EURUSD\\h1.csv", "EURUSD", H1),
]
UNKNOWN = [
    ("bars.csv", None, None),
    ("DATA.csv", None, None),
    ("OHLC_1h.csv", None, H1),
    ("aapl.csv", None, None),
    ("TSLA_2017.csv", None, None),
    ("vix_daily_1990-2022.csv", None, D1),
    ("DJIA_dmy_dates_2008-2014.csv.gz", None, None),
    ("CPIAUCSL_forced_into_price_schema.csv", None, None),
    ("2024-01-02.csv.gz", None, None),
    ("EURUSD_GBPUSD_H1.csv", None, H1),
    ("EURUSD_1m_5m.csv", "EURUSD", None),
    ("/tmp/test_of_eurusd0/bars.csv", None, None),
    ("/tmp/AAPL/bars.csv", None, None),
    ("/data/h1/x/bars.csv", None, None),
    ("", None, None),
    ("€.csv", None, None),
]


@pytest.mark.parametrize(("name", "symbol", "timeframe"), NAMES)
def test_names_tell_symbol_and_timeframe(
    name: str, symbol: str | None, timeframe: Timeframe | None
) -> None:
    assert from_name(name) == (symbol, timeframe)


@pytest.mark.parametrize(("name", "symbol", "timeframe"), UNKNOWN)
def test_what_a_name_does_not_tell_is_not_guessed(
    name: str, symbol: str | None, timeframe: Timeframe | None
) -> None:
    assert from_name(name) == (symbol, timeframe)


@given(name=st.text(max_size=40))
def test_any_name_is_answered(name: str) -> None:
    symbol, _ = from_name(name)

    assert symbol is None or (symbol.isascii() and symbol == symbol.upper())
