"""Alpha Vantage's one address, by its documentation and by what people quote of its refusals."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import PRICES
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from tests.doubles.market import LISTED, NOW, minutes, truth
from tests.doubles.server import GOOD_KEY, Double, Question, Reply, Row

_EASTERN = ZoneInfo("America/New_York")
_HELP = "https://www.alphavantage.co"
_BURST = (
    "Thank you for using Alpha Vantage! Please consider spreading out your free API requests more "
    "sparingly (1 request per second). You may subscribe to any of the premium plans at "
    f"{_HELP}/premium/ to lift the free key rate limit (25 requests per day), raise the per-second "
    "burst limit, and instantly unlock all premium endpoints"
)
_PREMIUM = (
    "Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to any of "
    f"the premium plans at {_HELP}/premium/ to instantly unlock all premium endpoints"
)
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "TIME_SERIES_INTRADAY": ("symbol", "interval"),
    "TIME_SERIES_DAILY": ("symbol",),
    "FX_DAILY": ("from_symbol", "to_symbol"),
    "DIGITAL_CURRENCY_DAILY": ("symbol", "market"),
    "SYMBOL_SEARCH": ("keywords",),
}
_FORMS = {
    "interval": "1min|5min|15min|30min|60min",
    "outputsize": "compact|full",
    "month": r"20\d\d-(0[1-9]|1[0-2])",
    "adjusted": "true|false",
    "extended_hours": "true|false",
    "datatype": "json|csv",
}
EXAMPLE = {
    "Meta Data": {
        "1. Information": "Intraday (5min) open, high, low, close prices and volume",
        "2. Symbol": "IBM",
        "3. Last Refreshed": "2024-04-16 19:55:00",
        "4. Interval": "5min",
        "5. Output Size": "Compact",
        "6. Time Zone": "US/Eastern",
    },
    "Time Series (5min)": {
        "2024-04-16 19:55:00": {
            "1. open": "183.9900",
            "2. high": "183.9900",
            "3. low": "183.7600",
            "4. close": "183.7600",
            "5. volume": "16",
        }
    },
}
"""An answer to the demonstration of https://www.alphavantage.co/documentation/, shortened."""


class AlphaVantage(Double):
    """It refuses a wrong key, as documented; people say that in truth it takes any key.

    `premium` is the plan, `left` how many questions a key has today, `most` what is compact. Bars
    are stamped with their start, for the last of a day is 19:55 in its demonstration; Sundays of
    currencies are part of Monday, for there are none in what people show. Neither is documented,
    nor is what a free key is told of a whole history of currencies: as of shares, it is refused.
    """

    adapter = "alpha_vantage"
    document = "https://www.alphavantage.co/documentation/"
    symbols: ClassVar = {
        "AAPL": "AAPL",
        "EURUSD": "EUR/USD",
        "USDJPY": "USD/JPY",
        "BTCUSD": "BTC/USD",
    }
    price = "4. close"
    most = 100

    def __init__(self) -> None:
        super().__init__()
        self.premium = True
        self.left: int | None = None
        self.says_zone: str | None = None

    def truth(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """See `Double.truth`; a day of currencies is one of UTC, known at our next close."""
        if LISTED[symbol].asset_class is not AssetClass.FX:
            return truth(symbol, timeframe, start, end)
        found = []
        for row in _utc_days(symbol):
            ends = datetime.fromtimestamp(row.opened / 1e6, UTC) + timedelta(days=1)
            coming = calendar("FX").expected_closes(Timeframe.D1, ends, ends + timedelta(days=7))
            if start < coming[0] <= min(end, NOW):
                found.append((coming[0], *row[1:]))
        schema = truth(symbol, timeframe, start, start).schema
        return pl.DataFrame(found, schema=schema, orient="row")

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        asked = question.query
        function = asked.get("function", "")
        if question.path != "/query":
            return Reply(b"<h1>Not Found</h1>", 404, {"Content-Type": "text/html"})
        if asked.get("apikey") != GOOD_KEY:
            claim = f"Please claim your free API key on ({_HELP}/support/#api-key). It should take "
            said = f"the parameter apikey is invalid or missing. {claim}less than 20 seconds."
            return _said({"Error Message": said})
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                return _said({"Information": _used_up(asked["apikey"])})
        if function not in _REQUIRED:
            return _said({"Error Message": f"This API function ({function}) does not exist."})
        if not _fits(function, asked):
            return _invalid(function)
        if function == "SYMBOL_SEARCH":
            return self._matches(asked["keywords"])
        return self._refused(function, asked) or self._told_of(function, asked)

    def _refused(self, function: str, asked: Mapping[str, str]) -> Reply | None:
        """Return what a free key is told."""
        if self.premium:
            return None
        if function == "TIME_SERIES_INTRADAY":
            return _said({"Information": _PREMIUM})
        if asked.get("outputsize") == "full":
            said = (
                "Thank you for using Alpha Vantage! The outputsize=full parameter value is a "
                f"premium feature for the {function} endpoint. You may subscribe to any of the "
                f"premium plans at {_HELP}/premium/ to instantly unlock all premium features"
            )
            return _said({"Information": said})
        return None

    def _matches(self, keywords: str) -> Reply:
        names = [name for name in self.symbols.values() if keywords.upper() in name]
        return _said({"bestMatches": [{"1. symbol": one, "4. region": "US"} for one in names]})

    def _told_of(self, function: str, asked: Mapping[str, str]) -> Reply:
        if function == "TIME_SERIES_INTRADAY":
            return self._minutes(asked)
        parts = [asked[name] for name in _REQUIRED[function]]
        symbol = self.listed("/".join(parts))
        if symbol is None:
            return _invalid(function)
        size = asked.get("outputsize", "compact")
        cut = {"compact": self.most, "full": None}[size]
        about = {"Output Size": size.title(), "Last Refreshed": f"{self.clock:%Y-%m-%d}"}
        if function == "TIME_SERIES_DAILY":
            about = {"Symbol": parts[0], **about, "Time Zone": "US/Eastern"}
            rows, name = self.rows(symbol, Timeframe.D1), "Time Series (Daily)"
        elif function == "FX_DAILY":
            about = {"From Symbol": parts[0], "To Symbol": parts[1], **about, "Time Zone": "UTC"}
            now = self.clock.timestamp() * 1e6
            rows = [row for row in _utc_days(symbol) if row.opened <= now]
            name = "Time Series FX (Daily)"
        else:
            about = {"Digital Currency Code": parts[0], "Market Code": parts[1], "Time Zone": "UTC"}
            rows, name, cut = self.rows(symbol, Timeframe.D1), f"{_DIGITAL} Daily)", 350
        texts = [f"{datetime.fromtimestamp(row.opened / 1e6, UTC):%Y-%m-%d}" for row in rows]
        return self._series(name, about, rows, texts, cut)

    def _minutes(self, asked: Mapping[str, str]) -> Reply:
        symbol = self.listed(asked["symbol"])
        interval = asked["interval"]
        timeframe = Timeframe.H1 if interval == "60min" else Timeframe(interval[:-2])
        rows = self.rows(symbol, timeframe) if symbol else []
        if asked.get("extended_hours", "true") == "true":
            rows += [row._replace(opened=row.opened - 6 * 3_600_000_000) for row in rows[::30]]
        if asked.get("adjusted", "true") == "true":
            rows = [_halved(row) for row in rows]
        locals_ = [
            datetime.fromtimestamp(row.opened / 1e6, UTC).astimezone(_EASTERN) for row in rows
        ]
        pairs = sorted(zip(locals_, rows, strict=True))
        month = asked.get("month")
        pairs = [(at, row) for at, row in pairs if month in (None, f"{at:%Y-%m}")]
        if not pairs:
            return _invalid("TIME_SERIES_INTRADAY")
        about = {
            "Symbol": asked["symbol"],
            "Interval": interval,
            "Output Size": asked.get("outputsize", "compact"),
            "Time Zone": "US/Eastern",
        }
        cut = None if asked.get("outputsize") == "full" else self.most
        texts = [f"{at:%Y-%m-%d %H:%M:%S}" for at, _ in pairs]
        return self._series(
            f"Time Series ({interval})", about, [row for _, row in pairs], texts, cut
        )

    def _series(
        self,
        name: str,
        about: Mapping[str, str],
        rows: Sequence[Row],
        texts: Sequence[str],
        cut: int | None,
    ) -> Reply:
        """Return an answer, its newest row first; written by hand, for a row may come twice."""
        named = {row.opened: text for row, text in zip(rows, texts, strict=True)}
        told = self.told((rows[-cut:] if cut else rows)[::-1])
        digits = 8 if name.startswith(_DIGITAL) else 5 if " FX " in name else 4
        written = self.written([_written(row, digits, name) for row in told])
        pairs = zip(told, written, strict=True)
        series = ", ".join(f'"{named[row.opened]}": {json.dumps(one)}' for row, one in pairs)
        meta = {f"{number}. {word}": value for number, (word, value) in enumerate(about.items(), 2)}
        if self.says_zone:
            meta = {
                word: self.says_zone if "Zone" in word else value for word, value in meta.items()
            }
        meta = {"1. Information": name, **meta}
        return Reply(f'{{"Meta Data": {json.dumps(meta)}, "{name}": {{{series}}}}}'.encode())


_DIGITAL = "Time Series (Digital Currency"


def burst(_: Reply) -> Reply:
    """Return: asked twice within a second."""
    return _said({"Information": _BURST})


def _used_up(key: str) -> str:
    return (
        f"We have detected your API key as {key} and our standard API rate limit is 25 requests "
        f"per day. Please subscribe to any of the premium plans at {_HELP}/premium/ to instantly "
        "remove all daily rate limits."
    )


def _fits(function: str, asked: Mapping[str, str]) -> bool:
    there = all(asked.get(name) for name in _REQUIRED[function])
    return there and all(
        re.fullmatch(form, asked[name]) for name, form in _FORMS.items() if name in asked
    )


def _invalid(function: str) -> Reply:
    said = (
        f"Invalid API call. Please retry or visit the documentation ({_HELP}/documentation/) for "
    )
    return _said({"Error Message": f"{said}{function}."})


def _utc_days(symbol: str) -> list[Row]:
    """Return the days of UTC, Sunday's hours with Monday's; the last as far as it has come."""
    last = (pl.col("time") - timedelta(microseconds=1)).dt.truncate("1d")
    sunday = last.dt.weekday() == 7
    day = pl.when(sunday).then(last + timedelta(days=1)).otherwise(last)
    frame = minutes(symbol).frame.with_columns(day=day.dt.epoch("us"))
    days = frame.group_by("day", maintain_order=True).agg(
        pl.col("open").first(),
        pl.col("high").max(),
        pl.col("low").min(),
        pl.col("close").last(),
        pl.col("volume").sum(),
    )
    return [Row(*values) for values in days.iter_rows()]


def _halved(row: Row) -> Row:
    """Return a bar as if a split had come since."""
    opened, high, low, close = (price / 2 for price in row[1:5])
    return Row(row.opened, opened, high, low, close, row.volume)


def _written(row: Row, digits: int, name: str) -> dict[str, str]:
    values = (row.open, row.high, row.low, row.close)
    numbered = zip(range(1, 5), PRICES, values, strict=True)
    found = {f"{number}. {word}": f"{value:.{digits}f}" for number, word, value in numbered}
    if " FX " not in name:
        found["5. volume"] = f"{row.volume:.0f}"
    return found


def _said(body: Any) -> Reply:
    return Reply(json.dumps(body).encode())
