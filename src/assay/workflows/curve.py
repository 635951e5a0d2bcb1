"""The curve of an account: equity with its band, months, deepest falls, regimes."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from assay.evaluation.bootstrap import equity_band
from assay.evaluation.metrics import annual_return, drawdown, in_order, one_figure, sharpe
from assay.evaluation.page import show
from assay.models.contract import Floats
from assay.workflows.book import Book
from assay.workflows.gather import Prepared, Series
from assay.workflows.replay import Replayed

REGIME_DAYS = 250
SHOWN_FALLS = 5


def equity(book: Book, daily: Mapping[str, Floats], seed: int) -> dict[str, Any]:
    """Return the curves by day, and the band that resampled days would have stayed in."""
    chain = daily["chain"]
    low, high = equity_band(chain, seed=seed)
    return {
        "days": [iso_day(d) for d in book.days],
        "curves": {name: np.cumprod(1.0 + d).tolist() for name, d in daily.items()},
        "low": low.tolist(),
        "high": high.tolist(),
    }


def months(book: Book, daily: Floats) -> dict[str, list[float | None]]:
    """Return the return of each month, None where no day was traded, by year."""
    found: dict[str, list[float | None]] = {}
    stamps = [date(1970, 1, 1) + timedelta(days=int(d)) for d in book.days]
    for year in sorted({s.year for s in stamps}):
        row: list[float | None] = []
        for month in range(1, 13):
            inside = [n for n, s in enumerate(stamps) if (s.year, s.month) == (year, month)]
            row.append(float(np.prod(1.0 + daily[inside]) - 1.0) if inside else None)
        found[str(year)] = row
    return found


def falls(book: Book, daily: Floats) -> dict[str, Any]:
    """Return the deepest falls of equity from a peak: when, how deep, and how long."""
    level = np.concatenate([[1.0], np.cumprod(1.0 + daily)])
    under = level / np.maximum.accumulate(level) - 1.0
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], (under < 0).astype(int), [0]])))
    spans = sorted(bounds.reshape(-1, 2).tolist(), key=lambda s: float(under[s[0] : s[1]].min()))
    days, rows = book.days, []
    for start, end in spans[:SHOWN_FALLS]:
        bottom = start + int(np.argmin(under[start:end]))
        over = end < len(level)
        rows.append(
            [
                iso_day(days[max(start - 2, 0)]),
                iso_day(days[bottom - 1]),
                iso_day(days[end - 1]) if over else "not yet",
                f"{under[bottom] * 100:.2f} %",
                end - start + over,
            ]
        )
    return {
        "columns": ["from the peak of", "lowest on", "back on", "depth", "trading days"],
        "rows": rows,
        "note": "",
    }


def regimes(
    book: Book,
    replays: Sequence[Replayed],
    prepared: Mapping[Series, Prepared],
    daily: Floats,
    year: int,
) -> dict[str, Any]:
    """Return results on calm, usual and wild days, by what volatility was known the day before."""
    level = np.full(len(book.days), np.nan)
    total, count = np.zeros(len(book.days)), np.zeros(len(book.days))
    for replay in replays:
        item = prepared[replay.series]
        usual = np.nanmedian(item.volatility[: replay.rows[0] + 1])
        at = np.searchsorted(book.days, replay.day)
        np.add.at(total, at, np.nan_to_num(item.volatility[replay.rows] / usual, nan=1.0))
        np.add.at(count, at, 1)
    known = count > 0
    level[known] = total[known] / count[known]
    before = np.concatenate([[np.nan], level[:-1]])
    rank = np.full(len(before), np.nan)
    for day in range(20, len(before)):
        past = before[max(0, day - REGIME_DAYS) : day]
        past = past[np.isfinite(past)]
        if len(past) and np.isfinite(before[day]):
            rank[day] = float(np.mean(past <= before[day]))
    rows, plot = [], []
    for name, low, high in (("calm", -0.1, 1 / 3), ("usual", 1 / 3, 2 / 3), ("wild", 2 / 3, 1.1)):
        inside = daily[(rank > low) & (rank <= high)]
        if len(inside) > 1:
            ratio = one_figure(inside, lambda d: sharpe(d, year))
            growth = one_figure(inside, lambda d: annual_return(d, year))
            rows.append(
                [
                    name,
                    len(inside),
                    show(growth.to_json(), percent=True),
                    show(ratio.to_json()),
                    show(one_figure(inside, drawdown).to_json(), percent=True),
                ]
            )
            plot.append([name, *in_order(ratio)])
    return {
        "columns": ["volatility the day before", "days", "return a year", "Sharpe", "drawdown"],
        "rows": rows,
        "plot": plot,
        "note": "Days are ranked among the year before them, so nothing later is known.",
    }


def iso_day(number: np.int64) -> str:
    """Return a number of days since 1970 as an ISO day."""
    return (date(1970, 1, 1) + timedelta(days=int(number))).isoformat()
