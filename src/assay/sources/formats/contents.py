"""What a table that holds no prices seems to hold, said in words."""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from assay.core.errors import DataError
from assay.core.values.bars import PRICES
from assay.sources.formats.columns import FIRST_ROWS, looks, plain
from assay.sources.reading.raw import Raw

SO_MANY_ALIKE = 1000
"""No market stands at one price for so many bars in a row."""
NOTHING = ("", "NaN", "nan", "NA", "N/A", "null", "None", ".", "-")
TEXTS = (
    "headline", "headlines", "title", "text", "tweet", "body", "content", "sentence", "summary",
    "news", "article", "message", "description",
)  # fmt: skip
LABELS = ("label", "labels", "sentiment", "score", "polarity", "direction_up")
SERIES = ("series", "series_id", "indicator", "variable", "series_name")
VALUES = ("value", "obs_value", "observation")
DATES = ("date", "time", "timestamp", "datetime", "observation_date", "period", "ts")
EVENTS = ("event", "name", "title", "indicator", "release")
OF_EVENTS = ("impact", "importance", "actual", "forecast", "previous", "consensus")
FUNDING = ("funding_rate", "fundingrate", "last_funding_rate", "funding")
BIDS, ASKS = (
    ("bid", "bid_price", "bidprice", "best_bid", "best_bid_price"),
    ("ask", "ask_price", "askprice", "best_ask", "best_ask_price", "offer"),
)
SIZES = ("size", "qty", "quantity", "amount", "volume", "last_size")
LONG_TEXT = 25


def no_bars(raw: Raw, missing: Sequence[str], where: str) -> DataError:
    """Return the error for a table that lacks columns: what it seems to hold, or what it lacks."""
    header = [name.partition("\x00")[0] for name in raw.frame.columns]
    held = _contents(raw)
    if held is not None:
        return DataError(f"{where} seems to hold {held}, no bars with open, high, low and close")
    if not raw.named or all(_is_data(name) for name in header):
        return DataError(
            f"{where} has no header line: the first line is data; add one such as "
            "timestamp,open,high,low,close,volume"
        )
    plural = "columns" if len(missing) > 1 else "column"
    return DataError(f"{where} lacks the {plural} {', '.join(missing)}; found {', '.join(header)}")


def refuse_without_prices(raw: Raw, columns: Mapping[str, str], where: str) -> None:
    """Refuse a price table in which every price is empty, or the same over very many rows."""
    prices = [raw.frame[columns[name]] for name in PRICES]
    if not raw.frame.height:
        return
    if all(_empty(column) for column in prices):
        raise DataError(
            f"{where} seems to hold a macro series forced into a price table: every price is empty"
        )
    if raw.frame.height >= SO_MANY_ALIKE and all(_alike(column, prices[0][0]) for column in prices):
        raise DataError(
            f"{where} seems to hold one value forced into a price table: every price is "
            f"{prices[0][0]}"
        )


def _alike(column: pl.Series, value: object) -> bool:
    """Say whether every row of the column says the same as the first row of the first."""
    first = column[0]
    if (
        column.dtype.is_nested()
        or first is None
        or first != value
        or not (column.head(FIRST_ROWS) == first).all()
    ):
        return False
    return bool((column == first).all())


def _empty(column: pl.Series) -> bool:
    def is_empty(part: pl.Series) -> bool:
        if part.dtype == pl.String:
            return bool(part.str.strip_chars().is_in(NOTHING).fill_null(value=True).all())
        if part.dtype.is_float():
            return bool((part.is_null() | part.is_nan()).all())
        return part.null_count() == len(part)

    return is_empty(column.head(FIRST_ROWS)) and is_empty(column)


def _contents(raw: Raw) -> str | None:
    """Return what the table seems to hold, None where nothing shows."""
    if not raw.named:
        return _without_names(raw)
    known = {plain(name): name for name in reversed(raw.frame.columns)}
    return next((said for kind in _KINDS if (said := kind(raw, known))), None)


def _has(known: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((known[name] for name in names if name in known), None)


def _funding(_: Raw, known: Mapping[str, str]) -> str | None:
    found = _has(known, FUNDING)
    return found and f"funding rates (in its column {found!r})"


def _quotes(_: Raw, known: Mapping[str, str]) -> str | None:
    bid, ask = _has(known, BIDS), _has(known, ASKS)
    if bid and ask:
        return f"quotes (in its columns {bid!r} and {ask!r})"
    price, size = _has(known, ("price", "last", "trade_price")), _has(known, SIZES)
    return f"single trades (in its columns {price!r} and {size!r})" if price and size else None


def _series(_: Raw, known: Mapping[str, str]) -> str | None:
    series, value = _has(known, SERIES), _has(known, VALUES)
    if not series or not value or not _has(known, DATES):
        return None
    return f"macro series in long form (in its columns {series!r} and {value!r})"


def _events(_: Raw, known: Mapping[str, str]) -> str | None:
    event, told = _has(known, EVENTS), _has(known, OF_EVENTS)
    if not event or not told:
        return None
    return f"a calendar of events (in its columns {event!r} and {told!r})"


def _texts(raw: Raw, known: Mapping[str, str]) -> str | None:
    named = _has(known, TEXTS)
    column = named if named and raw.frame[named].dtype == pl.String else _longest(raw)
    if column is None:
        return None
    label = _has(known, LABELS)
    kind = "labelled texts" if label and label != column else "headlines or other texts"
    return f"{kind} (in its column {column!r})"


def _longest(raw: Raw) -> str | None:
    """Return a column of texts that are longer than any number, with words in them."""
    for name in raw.frame.columns:
        if raw.frame[name].dtype != pl.String:
            continue
        part = raw.frame[name].head(FIRST_ROWS).drop_nulls()
        length = part.str.len_chars().median()
        if isinstance(length, float) and length >= LONG_TEXT and looks(part, r".*[a-z]{2,} .*"):
            return name
    return None


def _one_value(raw: Raw, known: Mapping[str, str]) -> str | None:
    date = _has(known, DATES)
    if date is None or len(raw.frame.columns) != 2:
        return None
    (value,) = (name for name in raw.frame.columns if name != date)
    if not raw.frame[value].dtype.is_numeric() and not looks(raw.frame[value], r"-?\d+(\.\d+)?"):
        return None
    return f"one value for each time (in its column {value!r}), as macro series do"


_KINDS = (_funding, _quotes, _series, _events, _texts, _one_value)


def _without_names(raw: Raw) -> str | None:
    """Return what a table without a header holds: HistData's ticks can be told."""
    first = raw.frame.columns[0]
    if raw.frame.width == 4 and looks(raw.frame[first], r"\d{8} \d{9}"):
        return "quotes (time, bid, ask and volume, as HistData writes ticks)"
    return None


def _is_data(name: str) -> bool:
    return bool(re.fullmatch(r"\s*[-+\d.:/ TZ]+\s*", name)) and any(c.isdigit() for c in name)
