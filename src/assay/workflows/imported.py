"""What an import is asked, finds and does: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.core.errors import AssayError
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Fetched, Finding, Note
from assay.sources.layouts import Layout
from assay.sources.reading.raw import Raw
from assay.sources.splits import Split
from assay.sources.told import Told


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person says of an import; None leaves it to the files.

    `asset_class` and `venue_calendar` define a symbol nobody knows, `classes` single ones by name.
    With `adjust_splits` the bars of shares are stored as if their splits had always been.
    """

    symbol: str | None = None
    timeframe: Timeframe | None = None
    told: Told = field(default_factory=Told)
    asset_class: AssetClass | None = None
    classes: Mapping[str, AssetClass] = field(default_factory=dict)
    venue_calendar: str | None = None
    adjust_splits: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One instrument's rows of one file, and what they are."""

    file: Path
    name: str
    raw: Raw
    layout: Layout


@dataclass(frozen=True, slots=True)
class Look:
    """What was made out about one table: which bars it holds, and why it is read so.

    `fetched` is None where it was not kept (`KEPT_BARS`).
    """

    file: Path
    name: str
    instrument: Instrument
    timeframe: Timeframe
    bars: int
    first: datetime
    last: datetime
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    fetched: Fetched | None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "file": self.name,
            "symbol": self.instrument.symbol,
            "timeframe": self.timeframe,
            "bars": self.bars,
            "first": self.first,
            "last": self.last,
            **_said(self.findings, self.notes),
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A table that was not taken, and the sentence that says why."""

    file: Path
    name: str
    error: AssayError

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"file": self.name, "reason": str(self.error)}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import read and stored.

    `bars` were in the file, `added` are new in the store; `renewed` were stored as prices before a
    split and are now stored as prices after it. `splits` are the jumps that look like one.
    """

    symbol: str
    timeframe: Timeframe
    file: Path
    name: str
    bars: int
    added: int
    renewed: int
    first: datetime
    last: datetime
    splits: tuple[Split, ...]
    splits_adjusted: bool
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "file": self.name,
            "bars": self.bars,
            "added": self.added,
            "renewed": self.renewed,
            "first": self.first,
            "last": self.last,
            "splits": [split.to_json() for split in self.splits],
            "splits_adjusted": self.splits_adjusted,
            **_said(self.findings, self.notes),
        }


@dataclass(frozen=True, slots=True)
class Run:
    """What an import of several files did."""

    imported: tuple[Imported, ...]
    refused: tuple[Refused, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "imported": [one.to_json() for one in self.imported],
            "refused": [one.to_json() for one in self.refused],
        }


def _said(findings: tuple[Finding, ...], notes: tuple[Note, ...]) -> dict[str, Any]:
    return {
        "findings": [
            {"what": f.what, "value": f.value, "evidence": f.evidence, "flag": f.flag}
            for f in findings
        ],
        "notes": [{"code": n.code, "sentence": n.sentence, "line": n.line} for n in notes],
    }
