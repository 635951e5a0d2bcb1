"""The instruments a person defined: shares and indices, beside those everybody knows."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa

from assay.core.errors import DataError, NotFoundError
from assay.core.instruments import KNOWN
from assay.core.names import listed
from assay.core.values.instrument import AssetClass, Instrument
from assay.store.database import Database
from assay.store.tables import INSTRUMENTS


class Instruments:
    """The registry of instruments: the built-in ones and those in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, instrument: Instrument) -> bool:
        """Register an instrument; return whether it was new.

        The same definition again is passed over; another one under a known symbol is refused
        with `DataError`, because stored bars and signals were made with the first.
        """
        symbol = instrument.symbol
        with self._database.write() as connection:
            query = sa.select(INSTRUMENTS).where(INSTRUMENTS.c.symbol == symbol)
            row = connection.execute(query).mappings().one_or_none()
            held = KNOWN.get(symbol) or (instrument_of(row) if row else None)
            if held is None:
                connection.execute(INSTRUMENTS.insert(), row_of(instrument))
                return True
        if held != instrument:
            raise DataError(
                f"{symbol} is defined already, as {_said(held)}, not {_said(instrument)}; "
                "choose another symbol"
            )
        return False

    def get(self, symbol: str) -> Instrument:
        """Return the instrument called `symbol` (any case; known pairs also with / - _)."""
        name = symbol.strip().upper()
        bare = name.replace("/", "").replace("-", "").replace("_", "")
        if bare in KNOWN:
            return KNOWN[bare]
        query = sa.select(INSTRUMENTS).where(INSTRUMENTS.c.symbol == name)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is not None:
            return instrument_of(row)
        near = get_close_matches(name, [instrument.symbol for instrument in self.list()], n=3)
        hint = f"did you mean {listed(near, 'or')}? " if near else ""
        raise NotFoundError(
            f"No instrument is called {symbol!r} ({hint}assay data list names those with bars); "
            "define a share or an index when you import its bars"
        )

    def list(self) -> list[Instrument]:
        """Return all instruments, the built-in ones first, then the others by symbol."""
        query = sa.select(INSTRUMENTS).order_by(INSTRUMENTS.c.symbol)
        with self._database.read() as connection:
            own = [instrument_of(row) for row in connection.execute(query).mappings()]
        return [*KNOWN.values(), *own]


def row_of(instrument: Instrument) -> dict[str, Any]:
    """Return an instrument as plain values; tick and lot are text, so that they stay exact."""
    return {
        **asdict(instrument),
        "asset_class": instrument.asset_class.value,
        "tick": str(instrument.tick),
        "lot": str(instrument.lot),
    }


def instrument_of(row: Mapping[Any, Any]) -> Instrument:
    """Return the instrument that `row_of` wrote."""
    values = {str(key): item for key, item in row.items()}
    values |= {
        "asset_class": AssetClass(values["asset_class"]),
        "tick": Decimal(values["tick"]),
        "lot": Decimal(values["lot"]),
    }
    return Instrument(**values)


def _said(instrument: Instrument) -> str:
    return (
        f"{instrument.asset_class} of {instrument.calendar} in {instrument.quote}, tick "
        f"{instrument.tick}, lot {instrument.lot}"
    )
