"""The providers' own clients work against our doubles: so the doubles speak as the providers do."""

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assay.core.values.timeframe import Timeframe
from tests.doubles.alpaca import Alpaca
from tests.doubles.alpaca_news import AlpacaNews
from tests.doubles.binance import Binance
from tests.doubles.bitstamp import Bitstamp
from tests.doubles.finnhub import Finnhub
from tests.doubles.finnhub_calendar import FinnhubCalendar
from tests.doubles.finnhub_news import FinnhubNews
from tests.doubles.fred import Fred
from tests.doubles.kraken import Kraken
from tests.doubles.macrodesk import happenings, versions
from tests.doubles.market import BEGAN, NOW, truth
from tests.doubles.massive import Massive
from tests.doubles.newsapi import LATE, Newsapi
from tests.doubles.reddit import Reddit
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Answering, Double, Row, Served
from tests.doubles.sockets import Switchboard
from tests.doubles.yahoo import Yahoo

FOLDER = Path(__file__).parent / "clients"
PYTHON = Path(os.environ.get("ASSAY_CLIENTS", ".venv-clients")) / "bin" / "python"
FIRST = NOW - timedelta(days=2)


@pytest.fixture(autouse=True)
def clients_are_there() -> None:
    if PYTHON.exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{PYTHON} is missing: make {PYTHON.parents[1]}/.ready")
    pytest.skip(f"the providers' clients are not installed: make {PYTHON.parents[1]}/.ready")


def told_by_client(double: Answering, script: str, *arguments: object) -> list[list[Any]]:
    """Return the rows that a provider's client reads from a double, as its script writes them.

    Those of bars are [opened, open, high, low, close, volume].
    """
    with Served(double) as served:
        words = [str(one) for one in (served.address, GOOD_KEY, *arguments)]
        done = subprocess.run(
            [str(PYTHON), str(FOLDER / script), *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    rows: list[list[Any]] = json.loads(done.stdout)
    return rows


def as_rows(symbol: str, timeframe: Timeframe) -> list[list[float]]:
    """Return the truth as clients tell it: opens in milliseconds since 1970."""
    frame = truth(symbol, timeframe, FIRST, NOW)
    opened = (frame["time"] - timeframe.length).dt.epoch("ms").to_list()
    prices = frame.select("open", "high", "low", "close", "volume").rows()
    return [[at, *values] for at, values in zip(opened, prices, strict=True)]


def millis() -> tuple[int, int]:
    """Return the earliest and the latest open of five-minute bars that close in the span."""
    first, last = ((at - Timeframe.M5.length).timestamp() for at in (FIRST, NOW))
    return round(first * 1000) + 1, round(last * 1000)


def test_massive() -> None:
    rows = told_by_client(Massive(), "ask_massive.py", "C:EURUSD", *millis())

    assert rows == as_rows("EURUSD", Timeframe.M5)


def test_finnhub() -> None:
    rows = told_by_client(Finnhub(), "ask_finnhub.py", "OANDA:EUR_USD", *millis())

    assert rows == as_rows("EURUSD", Timeframe.M5)


def test_yahoo() -> None:
    first, last = (one // 1000 for one in millis())

    rows = told_by_client(Yahoo(), "ask_yahoo.py", "AAPL", first, last)

    single = [[at, *(float(f"{one:.7g}") for one in values)] for at, *values in rows]
    assert single == as_rows("AAPL", Timeframe.M5)


def test_alpaca_by_its_page_tokens() -> None:
    double = Alpaca()
    double.most = 100

    rows = told_by_client(double, "ask_alpaca.py", GOOD_SECRET, "AAPL", *millis())

    want = as_rows("AAPL", Timeframe.M5)
    opened = {row[0] for row in want}
    assert [row for row in rows if row[0] in opened] == want
    assert len(rows) > len(want), "bars of before and after the session come too"
    assert len(double.asked) > 2


def test_alpaca_without_keys() -> None:
    rows = told_by_client(Alpaca(), "ask_alpaca.py", GOOD_SECRET, "BTC/USD", *millis())

    assert rows == as_rows("BTCUSD", Timeframe.M5)


def test_alpaca_live() -> None:
    want = as_rows("AAPL", Timeframe.M1)[-5:]
    with Switchboard(Alpaca()) as board:
        words = [str(PYTHON), str(FOLDER / "hear_alpaca.py"), board.address, GOOD_KEY, GOOD_SECRET]
        client = subprocess.Popen([*words, "AAPL", "6"], stdout=subprocess.PIPE, text=True)
        try:
            board.wait_for(1, within=60.0)
            told = [Row(round(at * 1000), *values) for at, *values in want]
            for row in told:
                board.tell("AAPL", Timeframe.M1, row)
            board.correct("AAPL", Timeframe.M1, told[-1]._replace(volume=1.0))
            said, _ = client.communicate(timeout=60)
        finally:
            client.kill()

    assert json.loads(said) == [*want, [*want[-1][:-1], 1.0]]


@pytest.mark.parametrize(
    ("kind", "exchange"), [(Binance, "binance"), (Bitstamp, "bitstamp"), (Kraken, "kraken")]
)
def test_ccxt(kind: type[Double], exchange: str) -> None:
    rows = told_by_client(kind(), "ask_ccxt.py", exchange, "BTC/USDT", *millis())

    assert rows == as_rows("BTCUSDT", Timeframe.M5)


def test_ccxt_live_of_kraken() -> None:
    want = as_rows("BTCUSDT", Timeframe.M5)[-5:]
    double = Kraken()
    double.clock = NOW - timedelta(hours=1)
    with double.served() as address, Switchboard(double) as board:
        words = [str(PYTHON), str(FOLDER / "hear_ccxt.py"), address, board.address, "kraken"]
        client = subprocess.Popen([*words, "BTC/USDT", "17"], stdout=subprocess.PIPE, text=True)
        try:
            board.wait_for(1, within=60.0)
            for at, *values in want:
                board.tell("BTCUSDT", Timeframe.M5, Row(round(at * 1000), *values))
            said, _ = client.communicate(timeout=60)
        finally:
            client.kill()

    assert json.loads(said)[-5:] == want


def test_ccxt_live() -> None:
    want = as_rows("BTCUSDT", Timeframe.M5)[-5:]
    double = Binance()
    double.is_bare = True
    with double.served() as address, Switchboard(double) as board:
        words = [str(PYTHON), str(FOLDER / "hear_ccxt.py"), address, board.address, "binance"]
        client = subprocess.Popen([*words, "BTC/USDT", "5"], stdout=subprocess.PIPE, text=True)
        try:
            board.wait_for(1, within=60.0)
            for at, *values in want:
                row = Row(round(at * 1000), *values)
                board.say(double.unfinished("BTCUSDT", Timeframe.M5, row._replace(volume=1.0)))
                board.tell("BTCUSDT", Timeframe.M5, row)
            said, _ = client.communicate(timeout=60)
        finally:
            client.kill()

    heard = json.loads(said)
    assert heard[:-1] == want[:-1]
    assert heard[-1][:-1] == want[-1][:-1], "ccxt does not tell an open bar from a closed one"


def test_alpaca_news_by_its_page_tokens() -> None:
    double = AlpacaNews()
    double.most = 5
    span = (round(at.timestamp() * 1000) for at in (BEGAN, NOW))

    rows = told_by_client(double, "ask_alpaca_news.py", GOOD_SECRET, "AAPL", *span)

    assert rows == [
        [
            one.name,
            one.published_at.timestamp(),
            one.worded_at.timestamp(),
            one.headline,
            list(one.tickers),
        ]
        for one in double.truth("AAPL", BEGAN, NOW)
    ]
    assert len(double.asked) > 5


@pytest.mark.parametrize(
    ("symbol", "asked"),
    [("AAPL", ("company", "AAPL", "2026-10-11", "2026-11-20")), ("EURUSD", ("market", "forex"))],
)
def test_finnhub_news(symbol: str, asked: tuple[str, ...]) -> None:
    double = FinnhubNews()

    rows = told_by_client(double, "ask_finnhub_news.py", *asked)

    assert sorted(rows, key=lambda row: (row[1], row[0])) == [
        [one.name, one.published_at.timestamp(), one.headline, one.outlet]
        for one in double.truth(symbol, BEGAN, NOW)
    ]
    assert rows


def test_newsapi() -> None:
    double = Newsapi()
    first, last = (f"{at:%Y-%m-%dT%H:%M:%S}" for at in (NOW - timedelta(days=29), NOW - LATE))
    query = '"EUR/USD" OR ("euro" AND "dollar")'

    rows = told_by_client(double, "ask_newsapi.py", query, first, last, 1)
    refused = told_by_client(double, "ask_newsapi.py", query, first, last, 2)
    too_old = told_by_client(double, "ask_newsapi.py", query, "2026-01-01", last, 1)

    assert sorted(rows, key=lambda row: (row[1], row[0])) == [
        [one.name, f"{one.published_at:%Y-%m-%dT%H:%M:%SZ}", one.headline, one.outlet]
        for one in double.truth("EURUSD", NOW - timedelta(days=29), NOW)
    ]
    assert rows
    assert refused == [["maximumResultsReached"]]
    assert too_old == [["parameterInvalid"]]


@pytest.mark.parametrize("series", ["CPIAUCSL", "DGS10"])
def test_fredapi_by_its_vintages_and_first_releases(series: str) -> None:
    told = [one for one in versions(series) if one.vintage <= NOW.date()]

    rows = told_by_client(Fred(), "ask_fred.py", series)

    first = {one.of: one.value for one in reversed(told)}
    assert rows == [
        *(["version", str(one.of), str(one.vintage), one.value] for one in told),
        *(["first", str(of), first[of]] for of in sorted(first)),
        *(["vintage", str(day)] for day in sorted({one.vintage for one in told})),
    ]


def test_finnhub_calendar() -> None:
    rows = told_by_client(FinnhubCalendar(), "ask_finnhub_calendar.py", "2026-11-01", "2026-11-09")

    inside = [one for one in happenings() if "2026-11-01" <= str(one.at.date()) <= "2026-11-09"]
    assert rows == [[f"{one.at:%Y-%m-%d %H:%M:%S}", one.title, one.actual] for one in inside]
    assert len(rows) > 12


def test_praw() -> None:
    double = Reddit()

    rows = told_by_client(double, "ask_reddit.py", GOOD_SECRET, "stocks", 120)

    want = double.truth("AAPL", BEGAN, NOW)[::-1][:120]
    assert sorted(rows) == sorted(
        [one.name, one.published_at.timestamp(), one.headline, one.summary, one.outlet]
        for one in want
    )
