"""Correct stored bars with those of a file: a newer version beside the old, nothing lost."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.core.errors import SettingsError
from assay.core.ids import plain
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.told import Told
from assay.store.series import Change
from assay.workflows.desk import Desk
from assay.workflows.imports import one_series


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did; times UTC.

    `bars` were in the file, `changed` of them differed from the stored ones or were missing there.
    `versions` are the writes that made the series, oldest first: each is a state that can still be
    read. `made_of_it` are the timeframes that were resampled from this one and are old now.
    """

    symbol: str
    timeframe: Timeframe
    file: Path
    bars: int
    changed: int
    first: datetime
    last: datetime
    versions: tuple[Change, ...]
    made_of_it: tuple[Timeframe, ...]
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        found: dict[str, Any] = plain({**asdict(self), "file": str(self.file)})
        return found


def correct_file(
    desk: Desk,
    file: Path,
    symbol: str,
    timeframe: Timeframe,
    *,
    reason: str,
    told: Told | None = None,
) -> Corrected:
    """Store the bars of `file` that differ from the stored ones as a newer version.

    Bars that are equal are passed over, those missing between stored ones are added. Bars after
    the last stored one are refused with `DataError`: import them. Simulated bars are not corrected
    by a file, which is a `SettingsError`.
    """
    if not reason.strip():
        raise SettingsError("--reason must say why the bars are corrected; found nothing")
    instrument = desk.instrument(symbol)
    if desk.is_simulated(instrument.symbol, timeframe):
        raise SettingsError(
            f"{instrument.symbol} {timeframe} is simulated, and a file cannot correct it; use "
            "another workspace (--home)"
        )
    fetched = one_series(desk, file, instrument, timeframe, told or Told())
    changed = desk.bars.correct(fetched.bars, reason=reason.strip(), known_at=desk.clock.now())
    return Corrected(
        symbol=instrument.symbol,
        timeframe=timeframe,
        file=file,
        bars=len(fetched.bars),
        changed=changed,
        first=fetched.bars.first_time,
        last=fetched.bars.last_time,
        versions=desk.bars.changes(instrument.symbol, timeframe),
        made_of_it=_made_of(desk, instrument.symbol, timeframe) if changed else (),
        notes=fetched.notes,
    )


def _made_of(desk: Desk, symbol: str, timeframe: Timeframe) -> tuple[Timeframe, ...]:
    return tuple(
        other
        for other in Timeframe
        if desk.has(symbol, other)
        and desk.bars.info(symbol, other).source == f"resampled:{timeframe}"
    )
