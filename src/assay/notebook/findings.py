"""What is found out of stored data: checks, imports, tables of plain rows, the doctor's lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from assay.notebook import drawn
from assay.workflows import check, doctor, imported
from assay.workflows.mend import counted

SHOWN = 40


@dataclass(frozen=True, slots=True, repr=False)
class Imports(imported.Run):
    """What an import of files did: `imported` with the evidence, `refused` with the reasons."""

    @property
    def added(self) -> int:
        """Return how many bars are new in the store."""
        return sum(one.added for one in self.imported)

    def __repr__(self) -> str:
        return (
            f"Imports({len(self.imported)} files, {self.added:,} bars added, "
            f"{len(self.refused)} refused)"
        )

    def _repr_html_(self) -> str:
        rows = [
            (
                one.file.name,
                one.symbol,
                one.timeframe,
                f"{one.bars:,}",
                f"{one.added:,}",
                f"{drawn.time(one.first)} to {drawn.time(one.last)}",
            )
            for one in self.imported[:SHOWN]
        ]
        columns = ("file", "symbol", "timeframe", ">bars", ">added", "closes, UTC")
        refused = [f"refused: {one.error}" for one in self.refused]
        return drawn.table(columns, rows) + drawn.lines(refused)


@dataclass(frozen=True, slots=True, repr=False)
class Checked(check.Checked):
    """How a series stands against its calendar, and which bars are flagged; times UTC.

    `coverage` is the share (0 to 1) of expected bars that are there; `flaws` are in order of time.
    """

    def __repr__(self) -> str:
        return (
            f"Checked({self.symbol} {self.timeframe}, {self.rows:,} bars, {self.coverage:.2%} of "
            f"those expected, {len(self.flaws)} flags)"
        )

    def _repr_html_(self) -> str:
        flags = [
            (code, severity, f"{count:,}", f"{bars:,}")
            for code, severity, count, bars in counted(self.flaws)
        ]
        gaps = [(drawn.time(g.first), drawn.time(g.last), f"{g.bars:,}") for g in self.gaps[:5]]
        said = (
            f"{self.rows:,} bars, {self.coverage:.2%} of the {self.expected:,} that the calendar "
            f"expects; {self.outside:,} lie where it is closed"
        )
        return (
            drawn.title(f"{self.symbol} {self.timeframe}", simulated=self.simulated)
            + drawn.lines([said])
            + (drawn.table(("flag", "severity", ">times", ">bars"), flags) if flags else "")
            + drawn.table(("first missing, UTC", "last missing, UTC", ">bars"), gaps)
        )


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(doctor.Diagnosis):
    """What the doctor found: lines of a name, a state and a sentence; `sound` if none failed."""

    def __repr__(self) -> str:
        words = "sound" if self.sound else "not sound"
        return f"Diagnosis({words}, {len(self.findings)} findings)"

    def _repr_html_(self) -> str:
        rows = [(one.state, one.name, one.sentence) for one in self.findings]
        return drawn.table(("state", "what", "sentence"), rows)


class Rows(list[dict[str, Any]]):
    """Plain rows, as `--json` prints them; a table in a notebook, `frame()` for polars."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
        super().__init__(dict(row) for row in rows)
        self._columns = tuple(columns)

    def frame(self) -> pl.DataFrame:
        """Return the columns that a notebook shows as a polars frame."""
        rows = [{name: row.get(name) for name in self._columns} for row in self]
        return pl.DataFrame(rows, infer_schema_length=None, strict=False)

    def _repr_html_(self) -> str:
        rows = [[_said(row.get(name)) for name in self._columns] for row in self[:SHOWN]]
        more = [f"and {len(self) - SHOWN:,} more"] if len(self) > SHOWN else []
        return drawn.table(self._columns, rows) + drawn.lines(more)


def _said(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
