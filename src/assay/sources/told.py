"""What a person says of a file, where it does not say it itself."""

from dataclasses import dataclass
from pathlib import Path

from assay.core.errors import SettingsError
from assay.sources.clocks import Clocks, parse_clock
from assay.sources.file_times import DateOrder
from assay.sources.layouts import Stamp


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that may be said of a file; None leaves it to the file and the evidence.

    `stamp` says which end of the bar its times name, `clock` what they are written in, `dates`
    whether the day or the month comes first, `price_unit` what a price of 1 in the file is worth
    (0.00001 for points of five digits). `overrides` is a file of calendar corrections.
    """

    stamp: Stamp | None = None
    clock: Clocks | None = None
    dates: DateOrder | None = None
    price_unit: float | None = None
    overrides: Path | None = None

    @classmethod
    def of(
        cls,
        *,
        stamp: str | None = None,
        clock: str | None = None,
        dates: str | None = None,
        price_unit: float | None = None,
        overrides: Path | None = None,
    ) -> "Told":
        """Return it from words; one that means nothing is a `SettingsError`."""
        if stamp is not None and stamp not in set(Stamp):
            raise SettingsError(f"A stamp is open or close; found {stamp!r}")
        if dates is not None and dates not in set(DateOrder):
            raise SettingsError(f"Dates are day-first or month-first; found {dates!r}")
        if price_unit is not None and not 0 < price_unit < 1e9:
            raise SettingsError(f"A price unit is a number above zero; found {price_unit:g}")
        return cls(
            None if stamp is None else Stamp(stamp),
            None if clock is None else parse_clock(clock),
            None if dates is None else DateOrder(dates),
            price_unit,
            overrides,
        )
