"""What an answer was made of, as one value that changes when it must be made anew."""

from collections.abc import Hashable

from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import Artefacts
from assay.store.parts import stamp_of
from assay.store.stamps import series_version
from assay.workflows.desk import HEAD, Desk


def of_bars(desk: Desk) -> Hashable:
    """Return what changes with every stored bar and, to the minute, with the time."""
    return desk.clock.now().replace(second=0, microsecond=0), desk.bars.version()


def of_series(desk: Desk, symbol: str, timeframe: Timeframe) -> Hashable:
    """Return what changes with every bar of one series; unknown is a `NotFoundError`."""
    return series_version(desk.bars.info(symbol, timeframe).folder)


def of_signals(desk: Desk) -> Hashable:
    """Return what changes with every issued signal: the journal's head, written after it."""
    return stamp_of(desk.home / HEAD)


def of_models(desk: Desk) -> Hashable:
    """Return what changes when a model is trained, judged or set aside."""
    return Artefacts(desk.database).version()


def of_board(desk: Desk) -> Hashable:
    """Return what changes with bars, signals and, to the minute, with the time."""
    return of_bars(desk), of_signals(desk)


def of_forecasts(desk: Desk, symbol: str, timeframe: Timeframe) -> Hashable:
    """Return what changes with signals and with the bars that forecasts are counted from."""
    return of_signals(desk), of_series(desk, symbol, timeframe)
