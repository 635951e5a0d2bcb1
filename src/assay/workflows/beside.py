"""Compare stored series of one instrument that came from different sources, whatever their bars."""

from collections.abc import Iterable, Sequence
from itertools import combinations, groupby

from assay.core.calendars.calendar import calendar
from assay.core.errors import AssayError
from assay.core.resample import resample
from assay.core.symbols import plain_symbol
from assay.sources.quality.overlap import compared
from assay.store.comparisons import ComparisonRow, Comparisons
from assay.store.series import SeriesInfo
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.syncing.reconciling import Reconciled, Reconciliation, overlap_json
from assay.workflows.syncing.running import Failed
from assay.workflows.thin import MADE_OF

Pair = tuple[SeriesInfo, SeriesInfo]


def compare_stored(
    desk: Desk, symbols: Sequence[str] = (), *, tick: Tick = silent
) -> Reconciliation:
    """Say in what the stored series of each instrument differ that came from different sources.

    The shorter bars are made into the longer ones first, so quarter hours of one file may be held
    against the days of another. Nobody is asked and no bar is changed. What is found is kept of
    both series, and decides whether either counts as thin (`workflows.thin`), as it does when a
    source is asked. Bars that were made here out of shorter ones are no source.
    """
    wanted = {plain_symbol(symbol) for symbol in symbols}
    for symbol in wanted:
        desk.instrument(symbol)  # one that nobody knows is refused
    infos = [one for one in desk.bars.series() if not wanted or one.symbol in wanted]
    pairs = list(_pairs(infos))
    done: list[Reconciled] = []
    failed: list[Failed] = []
    for number, (shorter, longer) in enumerate(pairs, 1):
        try:
            done.append(_compared(desk, shorter, longer))
        except AssayError as error:
            failed.append(Failed(longer.symbol, longer.timeframe, shorter.source, str(error)))
        tick("Comparing series", number, len(pairs))
    return Reconciliation(tuple(done), tuple(failed))


def _pairs(infos: Iterable[SeriesInfo]) -> Iterable[Pair]:
    """Yield the series of one instrument by twos, the shorter bars first."""
    own = [one for one in infos if not one.simulated and not one.source.startswith(MADE_OF)]
    own.sort(key=lambda one: (one.symbol, one.timeframe.minutes))
    for _, series in groupby(own, key=lambda one: one.symbol):
        yield from (pair for pair in combinations(series, 2) if pair[0].source != pair[1].source)


def _compared(desk: Desk, shorter: SeriesInfo, longer: SeriesInfo) -> Reconciled:
    """Compare two series in the bars of the longer one, and keep what each is to the other."""
    instrument, timeframe = desk.instrument(shorter.symbol), longer.timeframe
    bars = desk.bars.read(instrument, shorter.timeframe)
    ours = resample(bars, timeframe, calendar(instrument.calendar)).frame
    theirs = desk.bars.read(instrument, timeframe).frame
    here, there = shorter.source, longer.source
    found = compared(ours, theirs, timeframe, here, there)
    start, end = max(shorter.first, longer.first), min(shorter.last, longer.last)
    turned = compared(theirs, ours, timeframe, there, here)
    for one, other, overlap in ((shorter, longer, found), (longer, shorter, turned)):
        Comparisons(desk.database).add(
            ComparisonRow(
                symbol=one.symbol,
                timeframe=one.timeframe,
                source=one.source,
                other=other.source,
                start=start,
                end=end,
                at=desk.clock.now(),
                volume_share=overlap.volume_share,
                findings=overlap_json(overlap),
            )
        )
    return Reconciled(shorter.symbol, timeframe, here, there, start, end, found)
