"""What the doctor asks of time: how old bars are, what they lack, whether models are behind."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from assay.core.errors import AssayError
from assay.evaluation.splits import Part
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.store.series import SeriesInfo
from assay.workflows.covered import covered
from assay.workflows.desk import Desk
from assay.workflows.finding import Finding, Findings, State

OLD = timedelta(days=7)
"""Bars that end earlier give no signal of today."""
BEHIND = timedelta(days=90)
"""A model that has not seen so much of what is stored since is to be fitted again."""
LEAST_COVERAGE = 0.95
SLACK = timedelta(minutes=2)
NAMED = 3


def ages(desk: Desk) -> Findings:
    """Say which series end long ago; simulated ones end where their market does."""
    now = desk.clock.now()
    real = [info for info in _stored(desk) if not info.simulated]
    old = sorted((info for info in real if now - info.last > OLD), key=lambda info: info.last)
    if old:
        said = (
            f"{len(old):,} of {len(real):,} series end more than {OLD.days} days ago, "
            f"{_some(f'{_name(one)} on {one.last:%Y-%m-%d}' for one in old)}; import newer bars "
            "before you ask for a signal of today"
        )
        yield Finding("age", State.INFO, said)
    elif real:
        oldest = min(real, key=lambda info: info.last)
        said = f"every series goes on to {oldest.last:%Y-%m-%d %H:%M} UTC or later"
        yield Finding("age", State.OK, said)


def holes(desk: Desk) -> Findings:
    """Say which series lack many of the bars that their calendar expects."""
    found: list[tuple[float, str]] = []
    for info in _stored(desk):
        try:
            bars = desk.bars.read(desk.instrument(info.symbol), info.timeframe)
            found.append((covered(bars).share, f"{info.symbol} --timeframe {info.timeframe}"))
        except AssayError:
            continue  # a damaged or undefined series is told of among the bars
    thin = sorted(one for one in found if one[0] < LEAST_COVERAGE)
    if thin:
        said = (
            f"{len(thin):,} of {len(found):,} series lack more than "
            f"{(1 - LEAST_COVERAGE) * 100:.0f} % of the bars that their calendar expects: "
            f"assay data check {thin[0][1]} ({thin[0][0]:.1%} there) shows where"
        )
        yield Finding("holes", State.WARN, said)
    elif found:
        least = min(found)[0]
        share = "every one" if least >= 1.0 else f"{least:.1%} or more"
        said = f"every series has {share} of the bars that its calendar expects"
        yield Finding("holes", State.OK, said)


def trained(desk: Desk) -> Findings:
    """Say which series have no model, and whose models are behind what is stored."""
    if not desk.has_database:
        return
    newest: dict[tuple[str, str], ArtefactRow] = {}
    for row in Artefacts(desk.database).list(kind=ArtefactKind.FUSION):
        if row.quarantined is None:
            for symbol in row.symbols:
                newest.setdefault((symbol, row.timeframe.value), row)
    if not newest:
        return
    stored = _stored(desk)
    without = [one for one in stored if (one.symbol, one.timeframe.value) not in newest]
    if without:
        said = f"{_some(_name(one) for one in without)} have no models: assay train makes them"
        yield Finding("training", State.INFO, said)
    behind = [one for one in stored if _is_behind(desk, one, newest)]
    if behind:
        said = (
            f"the models of {_some(_name(one) for one in behind)} have not seen the last "
            f"{BEHIND.days} days of bars, or bars that were corrected: assay train fits them again"
        )
        yield Finding("training", State.WARN, said)
    elif not without:
        yield Finding("training", State.OK, "every stored series has models that saw its bars")


def _is_behind(desk: Desk, info: SeriesInfo, newest: dict[tuple[str, str], ArtefactRow]) -> bool:
    row = newest.get((info.symbol, info.timeframe.value))
    if row is None:
        return False
    seen = datetime.fromisoformat(row.spans[Part.FUSE]["end"])
    corrected = any(
        change.kind == "correct" and change.known_at > row.made_at
        for change in desk.bars.changes(info.symbol, info.timeframe)
    )
    return corrected or info.last - seen > BEHIND


def clock(desk: Desk) -> Findings:
    """Say whether the clock is behind what was written: then signals would be dated wrongly."""
    now = desk.clock.now()
    written = [info.known_at for info in _stored(desk)]
    if desk.has_database:
        written += [entry.at for entry in desk.journal.last()]
    latest = max(written, default=now)
    if latest > now + SLACK:
        said = (
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, but something was stored at "
            f"{latest:%Y-%m-%d %H:%M} UTC; set the clock before a signal is issued"
        )
        yield Finding("clock", State.WARN, said)
    else:
        yield Finding("clock", State.OK, f"{now:%Y-%m-%d %H:%M} UTC, not before anything stored")


def _stored(desk: Desk) -> list[SeriesInfo]:
    """Return the series that can be read; a damaged one is told of among the bars."""
    return desk.bars.series([])


def _name(info: SeriesInfo) -> str:
    return f"{info.symbol} {info.timeframe}"


def _some(names: Iterable[str]) -> str:
    every: Sequence[str] = list(names)
    more = f" and {len(every) - NAMED:,} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more
