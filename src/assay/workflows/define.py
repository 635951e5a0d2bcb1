"""Which instrument a symbol means, and how a workspace learns a new one."""

from assay.core.calendars.calendar import calendar
from assay.core.errors import NotFoundError, SettingsError
from assay.core.instruments import KNOWN, defined, equity, index
from assay.core.symbols import kind_of_symbol, plain_symbol
from assay.core.values.instrument import AssetClass, Instrument
from assay.workflows.desk import Desk

SHARES = (AssetClass.EQUITY, AssetClass.INDEX)


def resolve(
    desk: Desk, symbol: str, asset_class: AssetClass | None, venue_calendar: str | None
) -> Instrument:
    """Return the instrument called `symbol`, or the one that its name, class and calendar make.

    However it is written (`core.symbols`). A pair of currencies, a metal and a coin are what their
    names say; any other symbol needs a class. Nothing is remembered here. A symbol that is defined
    otherwise already is refused.
    """
    from assay.store.instruments import Instruments

    name = plain_symbol(symbol)
    held: Instrument | None = None
    try:
        held = desk.instrument(name)
    except NotFoundError as error:
        kind = kind_of_symbol(name) or asset_class
        if kind is None:
            said = str(error).partition(";")[0]
            raise NotFoundError(
                f"{said}; a share or an index is imported with --class equity or --class index"
            ) from None
    else:
        kind = kind_of_symbol(name) or asset_class or held.asset_class
    if held is not None and (asset_class is None or held.symbol in KNOWN):
        return held
    made = _made(name, kind, venue_calendar)
    calendar(made.calendar)
    if held is not None:
        Instruments(desk.database).add(made)
    return made


def _made(symbol: str, kind: AssetClass, venue_calendar: str | None) -> Instrument:
    if kind not in SHARES:
        if venue_calendar is not None:
            raise SettingsError(
                f"--calendar is for shares and indices; {symbol} is of class {kind} and has its own"
            )
        return defined(symbol, kind)
    make = equity if kind is AssetClass.EQUITY else index
    return make(symbol, venue_calendar) if venue_calendar else make(symbol)


def remember(desk: Desk, instrument: Instrument) -> None:
    """Define an instrument for this workspace; those everybody knows need none."""
    from assay.store.instruments import Instruments

    if instrument.symbol not in KNOWN:
        Instruments(desk.database).add(instrument)
