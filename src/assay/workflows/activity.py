"""How much an account traded and held, day by day."""

import numpy as np

from assay.evaluation.bootstrap import Estimate, estimate, ratio
from assay.kernel.book import BookResult
from assay.models.contract import Floats
from assay.workflows.book import START_EQUITY, Book


def turnover(book: Book, result: BookResult, year: int, *, seed: int) -> Estimate:
    """Return the notional bought and sold in a year of `year` trading days, in times the equity.

    Both fills of every closed trade count, each against the equity at the end of the day before.
    """
    return estimate(turnover_by_day(book, result), lambda d: d.mean(axis=1) * year, seed=seed)


def exposure(book: Book, result: BookResult, *, seed: int) -> Estimate:
    """Return the share of all instruments' bars over which a position was held."""
    return estimate(held_by_day(book, result), ratio, seed=seed)


def turnover_by_day(book: Book, result: BookResult) -> Floats:
    """Return (days,) what was bought and sold on each trading day over the equity before it."""
    days, trades = book.days, result.trades
    traded = np.zeros(len(days))
    for fill, bar in (("entry", "entry_bar"), ("exit", "exit_bar")):
        unit = np.zeros(len(trades))
        for number, (market, params) in enumerate(zip(book.markets, book.params, strict=True)):
            own = trades["instrument"] == number
            rate = np.broadcast_to(market.rate, len(market))
            unit[own] = params.tick_value * rate[trades[bar][own]]
        place = np.searchsorted(days, book.day[trades[bar]])
        np.add.at(traded, place, trades["lots"] * trades[fill] * unit)
    before = START_EQUITY * np.concatenate([[1.0], np.cumprod(1.0 + book.daily(result))[:-1]])
    return np.asarray(traded / before)


def held_by_day(book: Book, result: BookResult) -> Floats:
    """Return (days, 2): bars held, and bars that could have been, of all instruments together.

    A trade holds the bar it was opened in and those up to the one it is closed in, without it.
    """
    days, trades = book.days, result.trades
    place = np.searchsorted(days, book.day)
    found = np.zeros((len(days), 2))
    for number, market in enumerate(book.markets):
        own = trades[trades["instrument"] == number]
        change = np.zeros(len(market) + 1)
        np.add.at(change, own["entry_bar"], 1.0)
        np.add.at(change, own["exit_bar"], -1.0)
        open_bars = np.broadcast_to(market.tradable, len(market)).astype(bool)
        held = (np.cumsum(change[:-1]) > 0) & open_bars
        found[:, 0] += np.bincount(place, held, minlength=len(days))
        found[:, 1] += np.bincount(place, open_bars, minlength=len(days))
    return found
