"""What is traded."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assay.core.errors import DataError


class AssetClass(StrEnum):
    """What kind of thing an instrument is; it chooses calendar and default features."""

    FX = "fx"
    METAL = "metal"
    CRYPTO = "crypto"
    EQUITY = "equity"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One market.

    `tick` is the smallest price step and `lot` the smallest quantity step, both exact and in
    units of the `quote` currency and of the `base` asset; `calendar` names a table of
    `core.calendars`.
    """

    symbol: str
    asset_class: AssetClass
    venue: str
    tick: Decimal
    lot: Decimal
    quote: str
    calendar: str
    base: str

    def __post_init__(self) -> None:
        if not self.symbol or not self.symbol.isascii() or self.symbol != self.symbol.upper():
            raise DataError(f"A symbol is upper-case ASCII; found {self.symbol!r}")
        if self.tick <= 0 or self.lot <= 0:
            raise DataError(f"{self.symbol}: tick and lot must be above zero")

    @property
    def tick_size(self) -> float:
        """Return the tick as a float, for the kernel."""
        return float(self.tick)

    @property
    def days_per_year(self) -> int:
        """Return the trading days a year: 365 for crypto, 260 for FX and metal, else 252."""
        if self.asset_class is AssetClass.CRYPTO:
            return 365
        return 260 if self.asset_class in (AssetClass.FX, AssetClass.METAL) else 252

    @property
    def price_digits(self) -> int:
        """Return how many decimals a price of this instrument is shown with."""
        exponent = self.tick.normalize().as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0
