"""Fetched bars into the store, a batch at a time: what is new, what fills a gap, what was wrong."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from assay.core.values.bars import BAR_SCHEMA, PRICES, Bars
from assay.core.values.instrument import AssetClass
from assay.sources.contract import Note
from assay.sources.provider import Page
from assay.sources.splits import RATIOS
from assay.workflows.desk import Desk
from assay.workflows.syncing.routes import Route

BATCH = 50_000
"""So many bars are gathered before they are stored: memory stays flat, and little is lost."""
SECONDS = timedelta(seconds=30)
"""What was fetched is stored at least so often."""
SAME = 1e-6
"""Figures that differ by less, relatively, are the same figure."""
SPREAD = 1e-2
"""How far ratios of prices before and after a split may lie apart: prices are told in cents."""
FEWEST = 2
"""One bar alone shows no split."""


@dataclass
class Gained:
    """What became of what was fetched: bars new at the end, put into gaps, corrected, disagreed.

    `appended` are the closes of the first and the last bar of each piece that came after all
    others, `changed` those of bars that were put between others or stored in a newer version.
    """

    added: int = 0
    filled: int = 0
    corrected: int = 0
    disagreed: int = 0
    calls: int = 0
    notes: list[Note] = field(default_factory=list)
    appended: list[tuple[datetime, datetime]] = field(default_factory=list)
    changed: list[pl.Series] = field(default_factory=list)


@dataclass
class Keeper:
    """Stores the pages of one series from one source.

    What comes after the last stored bar is appended. A stored bar that the same source now tells
    otherwise is corrected, the older version stays readable; what another source tells otherwise is
    counted and left as it is. A bar that was missing is put in. Prices of a share that are all the
    same multiple of the stored ones say that it was split: then all stored bars are divided, too.
    """

    desk: Desk
    route: Route
    source: str
    gained: Gained = field(default_factory=Gained)
    _waiting: list[pl.DataFrame] = field(default_factory=list)
    _since: datetime | None = None

    def take(self, page: Page) -> None:
        """Keep a page, and store what has gathered if it is much or old."""
        self.gained.notes += [note for note in page.notes if note not in self.gained.notes]
        if not len(page.bars):
            return
        now = self.desk.clock.now()
        self._since = self._since or now
        self._waiting.append(page.bars.frame)
        if sum(frame.height for frame in self._waiting) >= BATCH or now - self._since >= SECONDS:
            self.store()

    def store(self) -> None:
        """Store what has gathered."""
        if not self._waiting:
            return
        frame = pl.concat(self._waiting)
        self._waiting, self._since = [], None
        symbol, timeframe = self.route.instrument.symbol, self.route.timeframe
        if self.desk.has(symbol, timeframe):
            last = self.desk.bars.info(symbol, timeframe).last
            self._reconcile(frame.filter(pl.col("time") <= last))
            frame = frame.filter(pl.col("time") > last)
        self.gained.added += self.desk.bars.append(
            self._bars(frame), source=self.source, known_at=self.desk.clock.now()
        )
        if frame.height:
            self.gained.appended.append((frame["time"][0], frame["time"][-1]))

    def _reconcile(self, frame: pl.DataFrame) -> None:
        """Compare bars with those stored at their times, and correct or fill."""
        if not frame.height:
            return
        held = self.desk.bars.read(
            self.route.instrument, self.route.timeframe, frame["time"][0], frame["time"][-1]
        ).frame
        missing = frame.join(held, on="time", how="anti")
        both = frame.join(held, on="time", suffix="_held", maintain_order="left")
        other = both.filter(~_same())
        self.gained.filled += self._correct(missing, f"a gap filled from {self.source}")
        if not other.height:
            return
        info = self.desk.bars.info(self.route.instrument.symbol, self.route.timeframe)
        if info.source != self.source:
            self.gained.disagreed += other.height
            return
        ratio = _split_ratio(both) if self._is_share else None
        if ratio is not None:
            self.gained.corrected += self._divide_all(ratio)
            return
        self.gained.corrected += self._correct(
            other.select(list(BAR_SCHEMA)), f"a late correction by {self.source}"
        )

    @property
    def _is_share(self) -> bool:
        return self.route.instrument.asset_class is AssetClass.EQUITY

    def _divide_all(self, ratio: float) -> int:
        """Put all stored bars on the scale that the source tells them in now."""
        whole = self.desk.bars.read(self.route.instrument, self.route.timeframe).frame
        scaled = whole.with_columns(
            *(pl.col(name) * ratio for name in PRICES), pl.col("volume") / ratio
        )
        reason = f"a split after which {self.source} tells prices {ratio:g} times as high"
        return self._correct(scaled, reason)

    def _correct(self, frame: pl.DataFrame, reason: str) -> int:
        if not frame.height:
            return 0
        self.gained.changed.append(frame["time"])
        return self.desk.bars.correct(
            self._bars(frame), reason=reason, known_at=self.desk.clock.now()
        )

    def _bars(self, frame: pl.DataFrame) -> Bars:
        return Bars(self.route.instrument, self.route.timeframe, frame)


def _same() -> pl.Expr:
    """Return the condition that both versions of a bar say the same."""
    return pl.all_horizontal(
        (pl.col(name) - pl.col(f"{name}_held")).abs() <= SAME * pl.col(name).abs()
        for name in (*PRICES, "volume")
    )


def _split_ratio(both: pl.DataFrame) -> float | None:
    """Return the ratio of a split by which all prices were multiplied; None if there is none."""
    ratios = both.select(pl.col(name) / pl.col(f"{name}_held") for name in PRICES).to_numpy()
    if both.height < FEWEST or ratios.max() - ratios.min() > SPREAD * ratios.max():
        return None
    found = float(np.median(ratios))
    near = [old / new for new, old in RATIOS if abs(old / new - found) <= SPREAD * found]
    return near[0] if near else None
