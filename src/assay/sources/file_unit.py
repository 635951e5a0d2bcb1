"""In which unit prices are written: as prices, or as whole points of them."""

import polars as pl

from assay.core.errors import DataError
from assay.core.values.bars import PRICES
from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.contract import Finding
from assay.sources.file_rows import Rows

MAJORS = frozenset({"EUR", "USD", "GBP", "CHF", "AUD", "NZD", "CAD"})
AGAINST_MAJORS = {
    **dict.fromkeys(MAJORS, (0.2, 5.0)),
    "JPY": (20.0, 400.0),
    "XAU": (200.0, 20_000.0),
    "XAG": (2.0, 400.0),
}
"""Where a price of or in these has lain against a major currency since 1990, and beyond."""
ALIKE = 1.4
"""Two series of one instrument never lie further apart than by such a factor."""
DIGITS = range(1, 9)
NOISE = 1e-6
"""Points that were made by multiplying are whole but for this."""


def in_prices(
    rows: Rows, instrument: Instrument, unit: float | None, reference: float | None, where: str
) -> tuple[Rows, tuple[Finding, ...]]:
    """Return `rows` in prices, and what was found out about their unit, if it is no plain price.

    `unit` is what a person said; `reference` the median of stored closes over the same span. Whole
    numbers far above where the instrument can trade are points: the power of ten that brings them
    there, the tick of the instrument first, divides them. `DataError` where none does, or where the
    prices lie far from the stored ones.
    """
    middle = rows.frame["close"].median()
    if not isinstance(middle, float) or not middle:
        return rows, ()
    if unit is not None:
        finding = Finding("price unit", f"{unit:g}", "you said so", "--price-unit")
        return _times(rows, unit), (finding,)
    low, high = _range(instrument)
    fits = reference is not None and _alike(middle, reference)
    if fits or (reference is None and low <= middle <= high):
        return rows, ()
    if reference is None:
        beside = f"{instrument.symbol} trades between {low:g} and {high:g}"
    else:
        beside = f"the stored bars lie around {reference:,.6g}"
    digits = _digits(rows, instrument, middle, reference)
    if digits is None:
        raise DataError(
            f"{where}: the prices lie around {middle:,.6g}, but {beside}: is it the right file? If "
            "they are in another unit, say --price-unit"
        )
    said = f"the prices are whole numbers around {middle:,.0f}, and {beside}"
    finding = Finding("price unit", f"{10.0**-digits:g}", said, "--price-unit")
    return _divided(rows, digits), (finding,)


def _range(instrument: Instrument) -> tuple[float, float]:
    """Return between which prices the instrument can lie; anything if nothing is known."""
    base, quote = instrument.base, instrument.quote
    kinds = (AssetClass.FX, AssetClass.METAL)
    if instrument.asset_class in kinds and quote in MAJORS and base in AGAINST_MAJORS:
        return AGAINST_MAJORS[base] if base != "JPY" else (0.0025, 0.05)
    if instrument.asset_class is AssetClass.FX and quote == "JPY" and base in MAJORS:
        return AGAINST_MAJORS["JPY"]
    return 0.0, float("inf")


def _digits(
    rows: Rows, instrument: Instrument, middle: float, reference: float | None
) -> int | None:
    """Return by how many digits the prices are to be moved, None if by none."""
    prices = rows.frame.select(PRICES)
    apart = prices.select(pl.max_horizontal((pl.all() - pl.all().round()).abs().max())).item()
    if apart > NOISE:
        return None
    low, high = _range(instrument)

    def fits(digits: int) -> bool:
        moved = middle / 10.0**digits
        return low <= moved <= high if reference is None else _alike(moved, reference)

    return next((d for d in (instrument.price_digits, *DIGITS) if d and fits(d)), None)


def _alike(one: float, other: float) -> bool:
    return max(one / other, other / one) <= ALIKE


def _times(rows: Rows, unit: float) -> Rows:
    frame = rows.frame.with_columns(pl.col(name) * unit for name in PRICES)
    return Rows(frame, rows.are_dates, rows.naive, rows.notes)


def _divided(rows: Rows, digits: int) -> Rows:
    """Divide by a power of ten and round there: the decimal number that was meant."""
    scale = 10.0**digits
    frame = rows.frame.with_columns((pl.col(name) / scale).round(digits) for name in PRICES)
    return Rows(frame, rows.are_dates, rows.naive, rows.notes)
