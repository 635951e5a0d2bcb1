"""Which stored series come from a venue that prints a small part of their market's volume."""

from dataclasses import dataclass

from assay.core.errors import NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.overlap import THIN, share_words
from assay.store.comparisons import ComparisonRow, Comparisons
from assay.workflows.desk import Desk

DECLARED = "its market (its documents say so)"
"""What a source's volume is compared with where it says itself that it is small."""
MADE_OF = "resampled:"


@dataclass(frozen=True, slots=True)
class Thin:
    """A feed whose volume is `share` of what `other` prints: features of volume mean nothing."""

    source: str
    share: float
    other: str

    def __str__(self) -> str:
        return (
            f"{self.source} prints {share_words(self.share)} of the volume of {self.other}: the "
            "features that read volume are left out"
        )


def thin_of(desk: Desk, symbol: str, timeframe: Timeframe) -> Thin | None:
    """Return why a stored series counts as thin, None where it does not or nothing is known.

    The rule: its source prints less than `THIN` (a fifth) of the volume of another source over the
    bars that were compared last, or says so itself. Bars made of shorter ones are as thin as those.
    """
    if not desk.has_database:
        return None
    try:
        source = desk.bars.info(symbol, timeframe).source
        while source.startswith(MADE_OF):
            timeframe = Timeframe(source.removeprefix(MADE_OF))
            source = desk.bars.info(symbol, timeframe).source
    except NotFoundError:
        return None
    known = Comparisons(desk.database).newest(symbol, timeframe)
    shares = [
        (row.volume_share, row.other)
        for row in known
        if row.source == source and row.volume_share is not None and row.volume_share < THIN
    ]
    if not shares:
        return None
    share, other = min(shares)
    return Thin(source, share, other)


def declare(desk: Desk, symbol: str, timeframe: Timeframe, source: str, share: float) -> None:
    """Keep that a source says itself which share of the volume it prints, once."""
    comparisons = Comparisons(desk.database)
    known = comparisons.newest(symbol, timeframe)
    if any((row.source, row.other, row.volume_share) == (source, DECLARED, share) for row in known):
        return
    info = desk.bars.info(symbol, timeframe)
    comparisons.add(
        ComparisonRow(
            symbol=symbol,
            timeframe=timeframe,
            source=source,
            other=DECLARED,
            start=info.first,
            end=info.last,
            at=desk.clock.now(),
            volume_share=share,
            findings={},
        )
    )
