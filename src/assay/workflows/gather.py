"""From the store to what a member can read: aligned frames, features, volatility."""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.errors import HistoryError
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import Span
from assay.features.contract import Frames, Group
from assay.features.join import Figures
from assay.features.join import frames as join_frames
from assay.features.pipeline import Pipeline
from assay.features.sets import Which, default_features
from assay.kernel.volatility import ewma_volatility, wilder_atr
from assay.labels.contract import Label
from assay.models.contract import Asked
from assay.workflows.covered import is_sparse, refuse_sparse, sparse
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.doubt import doubted, is_doubted, looks_back
from assay.workflows.heard import unheard
from assay.workflows.thin import Thin, thin_of

Floats = NDArray[np.float64]
HORIZON_BARS = 4
CLASS_LABEL = {"horizon_bars": HORIZON_BARS, "band": 0.25}
HORIZONS = (1, HORIZON_BARS, 12)
"""What nets learn together; the decision's own is one of them."""
SPARSEST = 6
"""How many bar lengths a stored bar may stand for: shares trade about a fifth of the week."""

Came = tuple[Floats, NDArray[np.int8], Floats, NDArray[np.int64]]


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """A symbol on a timeframe."""

    symbol: str
    timeframe: Timeframe

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """One series, ready for members: n bars, F features, everything known at the row's close.

    `time` is in UTC microseconds; `volatility` is the expected standard deviation of one bar's log
    return, `atr` the average true range in price units; both NaN in warm-up. `x` (n, F) is rounded
    to single precision, which halves the memory and hides where a restart began. `peers` are the
    symbols that features over peers have read; `thin` says why the features of volume were left
    out, if they were. `doubted` are the bars at which one is flagged as bad data, `sparse` those
    before which too many are missing, `unheard` those at which news or figures have stopped
    arriving (None: none), so that nothing is decided; of a few newest bars the first two are told
    of the last alone. `remembered` holds outcomes that were
    computed.
    """

    series: Series
    instrument: Instrument
    bars: Bars
    pipeline: Pipeline
    time: NDArray[np.int64]
    x: NDArray[np.float32]
    volatility: Floats
    atr: Floats
    peers: tuple[str, ...]
    doubted: NDArray[np.bool_]
    sparse: NDArray[np.bool_] | None = None
    unheard: NDArray[np.bool_] | None = None
    thin: Thin | None = None
    remembered: dict[tuple[int, int, Label], Came] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the feature columns."""
        return self.pipeline.columns

    def only(self, names: Collection[str]) -> "Prepared":
        """Return it with the features in `names` alone; itself if it has no others."""
        pipeline = reading(self.pipeline, frozenset(names))
        if pipeline.columns == self.columns:
            return self
        place_of = {name: place for place, name in enumerate(self.columns)}
        places = [place_of[name] for name in pipeline.columns]
        made = replace(self, pipeline=pipeline, x=self.x[:, places])
        object.__setattr__(made, "remembered", self.remembered)  # the same bars: the same outcomes
        return made

    def asked(self, rows: NDArray[np.int64]) -> Asked:
        """Return the question after `rows`, with every bar of the series before them."""
        none = np.zeros(len(rows), dtype=np.int64)
        name = (self.series.symbol, self.series.timeframe.value)
        return Asked(self.x, rows, none, none.astype(np.int32), (name,))

    def rows(self, span: Span) -> NDArray[np.int64]:
        """Return the row numbers whose bar closes inside `span`."""
        low, high = micros(span.start), micros(span.end)
        first, last = np.searchsorted(self.time, (low, high), side="right")
        return np.arange(first, last)


@cache
def reading(pipeline: Pipeline, names: frozenset[str]) -> Pipeline:
    """Return the pipeline of those features of `pipeline` that are in `names`."""
    return pipeline.only(names)


def micros(moment: datetime) -> int:
    """Return UTC microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def moment_of(micros: int) -> datetime:
    """Return UTC microseconds since 1970 as a time."""
    return datetime.fromtimestamp(micros / 1e6, UTC)


Closes: TypeAlias = dict[tuple[str, Timeframe], pl.DataFrame]
"""Times and closes of whole series, read once for all that have them as peers."""


@cache
def pipeline_of(
    asset_class: AssetClass,
    timeframe: Timeframe,
    which: Which = "standard",
    groups: frozenset[Group] | None = None,
    *,
    thin: bool = False,
) -> Pipeline:
    """Return the feature pipeline of an asset class, standard or full, or of some of its groups.

    `thin` is that of a feed that prints a small part of its market's volume.
    """
    chosen = default_features(asset_class, groups, timeframe=timeframe, which=which, thin=thin)
    return Pipeline(chosen)


def frames_of(
    desk: Desk,
    series: Series,
    *,
    until: datetime | None = None,
    rows: int | None = None,
    peers: Sequence[str] | None = None,
    closes: Closes | None = None,
    figures: Figures | None = None,
) -> Frames:
    """Return the aligned frames of `series`, of its last `rows` rows if given, up to `until`.

    `peers` are the symbols to read beside it: what a model was trained with; None takes those that
    are stored now. `closes` keeps the peers' whole series for the next instrument. `figures` are
    what the releases say, later ones than `until` as well if need be; None reads them.
    """
    instrument = desk.instrument(series.symbol)
    bars = _some(desk, instrument, series, until, rows)
    start = bars.first_time - 40 * series.timeframe.length
    table = calendar(instrument.calendar)
    simulated = desk.is_simulated(instrument.symbol, series.timeframe)
    return join_frames(
        bars,
        higher=_higher(desk, instrument, series.timeframe, bars, until, rows),
        peers=_peers(desk, instrument, series.timeframe, bars, until, peers, closes),
        stories=desk.scored_stories(
            instrument, simulated=simulated, until=until, since=start if rows else None
        ),
        releases=figures or desk.releases(instrument, simulated=simulated, until=until),
        calendar_columns=table.calendar_columns(bars.frame["time"], series.timeframe),
    )


def last_close(desk: Desk, series: Series, until: datetime | None = None) -> datetime:
    """Return the close (UTC) of the newest stored bar of `series`, or of the newest by `until`."""
    return _some(desk, desk.instrument(series.symbol), series, until, 1).last_time


def _some(
    desk: Desk, instrument: Instrument, series: Series, until: datetime | None, rows: int | None
) -> Bars:
    bars = _read(desk, instrument, series.timeframe, until, rows)
    if not len(bars):
        raise HistoryError(f"{series}: no bars are stored up to {until or 'now'}; import some")
    return bars


def _read(
    desk: Desk,
    instrument: Instrument,
    timeframe: Timeframe,
    until: datetime | None,
    rows: int | None,
) -> Bars:
    if rows is None:
        return desk.bars.read(instrument, timeframe, end=until)
    newest = desk.bars.tail(instrument, timeframe, rows)
    if until is None or not len(newest) or newest.last_time <= until:
        return newest
    near = until - SPARSEST * rows * timeframe.length
    bars = desk.bars.read(instrument, timeframe, start=near, end=until)
    if len(bars) < rows:
        bars = desk.bars.read(instrument, timeframe, end=until)
    return Bars(instrument, timeframe, bars.frame.tail(rows))


def _higher(
    desk: Desk,
    instrument: Instrument,
    timeframe: Timeframe,
    bars: Bars,
    until: datetime | None,
    rows: int | None,
) -> Bars | None:
    above = timeframe.higher
    if above is None:
        return None
    if desk.has(instrument.symbol, above):
        ratio = above.minutes // timeframe.minutes
        return _read(desk, instrument, above, until, rows and rows // ratio + 40)
    return resample(bars, above, calendar(instrument.calendar))


def _peers(
    desk: Desk,
    instrument: Instrument,
    timeframe: Timeframe,
    bars: Bars,
    until: datetime | None,
    names: Sequence[str] | None,
    closes: Closes | None,
) -> dict[str, pl.DataFrame]:
    start = bars.first_time if closes is None else None
    wanted = [desk.instrument(name) for name in names or ()]
    peers = {}
    for other in desk.peers_of(instrument, timeframe) if names is None else wanted:
        key = (other.symbol, timeframe)
        found = closes.get(key) if closes is not None else None
        if found is None:
            found = desk.bars.read(other, timeframe, start=start, end=until).frame
            found = found[["time", "close"]]
        if closes is not None:
            closes[key] = found
        peers[other.symbol] = found
    return peers


def prepare(
    desk: Desk,
    series: Series,
    *,
    until: datetime | None = None,
    rows: int | None = None,
    peers: Sequence[str] | None = None,
    which: Which | None = None,
    closes: Closes | None = None,
    figures: Figures | None = None,
) -> Prepared:
    """Return `series` ready for members; too few bars for the warm-up are a `HistoryError`.

    See `frames_of` for `peers`, `closes` and `figures`. `which` is the set of features, all of it;
    if left out it is the workspace's, less what a thin feed does without.
    """
    frames = frames_of(
        desk, series, until=until, rows=rows, peers=peers, closes=closes, figures=figures
    )
    bars = Bars(frames.instrument, series.timeframe, frames.bars)
    if rows is None:
        refuse_sparse(bars, desk.least_coverage)
    thin = thin_of(desk, series.symbol, series.timeframe) if which is None else None
    pipeline = pipeline_of(
        frames.instrument.asset_class,
        series.timeframe,
        which or desk.features,
        thin=thin is not None,
    )
    if frames.bars.height < pipeline.warm_up:
        raise HistoryError(
            f"{series}: {frames.bars.height:,} bars are stored, but the features need "
            f"{pipeline.warm_up:,} to warm up; import more history"
        )
    high, low, close = (frames.bars[name].to_numpy() for name in ("high", "low", "close"))
    flagged, scarce = _waiting(desk, bars, rows)
    return Prepared(
        series=series,
        instrument=frames.instrument,
        bars=bars,
        pipeline=pipeline,
        time=bars.micros,
        x=np.ascontiguousarray(pipeline.matrix(frames)),
        volatility=ewma_volatility(close),
        atr=wilder_atr(high, low, close),
        peers=tuple(frames.peers.columns),
        thin=thin,
        sparse=scarce,
        unheard=unheard(
            desk,
            frames.instrument,
            frames.bars["time"],
            simulated=desk.is_simulated(series.symbol, series.timeframe),
        ),
        doubted=flagged,
    )


def _waiting(
    desk: Desk, bars: Bars, rows: int | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where bars are doubted, and before which too many are missing.

    Of a few newest ones it is said of the last alone: what all of them would say of it.
    """
    if rows is None or not len(bars):
        return doubted(bars), sparse(bars, desk.least_coverage)
    start = bars.last_time - looks_back(bars.timeframe)
    more = desk.bars.read(bars.instrument, bars.timeframe, start=start, end=bars.last_time)
    flagged, scarce = np.zeros((2, len(bars)), dtype=np.bool_)
    flagged[-1], scarce[-1] = is_doubted(more), is_sparse(more, desk.least_coverage)
    return flagged, scarce


def prepare_all(
    desk: Desk,
    wanted: Sequence[Series],
    *,
    until: datetime | None = None,
    which: Which | None = None,
    problems: list[str] | None = None,
    tick: Tick = silent,
) -> dict[Series, Prepared]:
    """Return every series prepared, `desk.jobs` at a time; see `prepare` for `which`.

    A series with too little history is a `HistoryError`; with `problems` given it is left out and
    named there, unless none is left.
    """
    done: dict[Series, Prepared] = {}
    closes: Closes = {}
    with ThreadPoolExecutor(max_workers=desk.jobs) as pool:
        made = partial(prepare, desk, until=until, which=which, closes=closes)
        waiting = [(s, pool.submit(made, s)) for s in wanted]
        for number, (series, future) in enumerate(waiting, 1):
            try:
                done[series] = future.result()
            except HistoryError as error:
                if problems is None:
                    raise
                problems.append(str(error))
            tick("Computing features", number, len(waiting))
    if problems and not done:
        raise HistoryError(problems[0])
    return done
