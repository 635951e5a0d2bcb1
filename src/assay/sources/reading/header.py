"""Headers of several lines, which yfinance writes, and headers that only number the columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.reading.cells import looks_like_data
from assay.sources.reading.table import listed

PRICES_HERE, TICKERS_HERE = ("price", "attributes"), ("ticker", "symbols")
"""How the first field of a line names what stands in it."""


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, in how many `lines` they stood, and what else stood there."""

    names: Sequence[str]
    lines: int = 1
    notes: tuple[Note, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


def numbered_columns(fields: Sequence[str], below: Sequence[str]) -> bool:
    """Say whether a line only numbers the columns from 0, with or without one for the index."""
    plain = [text.strip() for text in fields]
    counts = [str(number) for number in range(len(plain))]
    return len(plain) > 2 and list(below) != list(fields) and plain in (counts, ["", *counts[:-1]])


def joined_header(lines: Sequence[Sequence[str]], name: str) -> Header | None:
    """Return one header for two or three lines of prices, tickers and the name of the time.

    yfinance writes "Price,Close,High …", "Ticker,AAPL,AAPL …", "Date,,, …". None where the lines
    are no such header; `DataError` where they name several tickers.
    """
    if len(lines) < 2 or len(lines[0]) < 3 or len({len(fields) for fields in lines[:2]}) > 1:
        return None
    first, second = ([text.strip() for text in fields] for fields in lines[:2])
    if _words(first) and _words(second) and _names_time(lines, len(first)):
        turned = first[0].lower() in TICKERS_HERE or second[0].lower() in PRICES_HERE
        prices, tickers = (second, first) if turned else (first, second)
        known = {*PRICES_HERE, *TICKERS_HERE, ""}
        if prices[0].lower() in known and tickers[0].lower() in known:
            return _joined([lines[2][0], *prices[1:]], tickers, 3, name)
    if _words(first) and _words(second) and not second[0] and first[0]:
        return _joined(first, second, 2, name)
    return None


def _names_time(lines: Sequence[Sequence[str]], width: int) -> bool:
    if len(lines) < 3:
        return False
    head, *rest = lines[2]
    return len(lines[2]) == width and bool(head.strip()) and not any(t.strip() for t in rest)


def _words(fields: Sequence[str]) -> bool:
    """Say whether every field but the first is filled and none of them is data."""
    return all(text and not looks_like_data(text) for text in fields[1:])


def _joined(names: Sequence[str], tickers: Sequence[str], lines: int, name: str) -> Header:
    held = list(dict.fromkeys(tickers[1:]))
    if len(held) > 1:
        raise DataError(
            f"{name} holds {len(held)} instruments beside each other ({listed(held)}): an import "
            "takes a file of one; fetch them one by one"
        )
    note = Note("joined_header", f"{lines} lines of header were read as one; they name {held[0]}")
    return Header(names, lines, (note,), {"ticker": held[0]})
