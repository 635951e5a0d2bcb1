"""Which models there are, and what the gate said of them; never inside the artefact itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError
from assay.core.ids import canonical, plain
from assay.core.values.timeframe import Timeframe
from assay.store.database import Database
from assay.store.statements import Statement
from assay.store.tables import ARTEFACTS, PROMOTIONS

_VERSION = Statement(
    sa.select(
        sa.func.count(ARTEFACTS.c.id),
        sa.cast(sa.func.max(ARTEFACTS.c.made_at), sa.Text()),
        sa.func.count(ARTEFACTS.c.quarantined),
        sa.select(sa.func.max(PROMOTIONS.c.no)).scalar_subquery(),
    )
)


class ArtefactKind(StrEnum):
    """What an artefact holds: a fitted member, or the fitted fusion of members."""

    MEMBER = "member"
    FUSION = "fusion"


class GateVerdict(StrEnum):
    """What the gate decided; `withdrawn` takes an earlier promotion back."""

    PROMOTED = "promoted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ArtefactRow:
    """One artefact: `id` is the hash of its content, `path` its folder in the workspace.

    `symbols` are the series it covers at `timeframe`; `spans` its training spans as JSON data;
    `made_at` is UTC; `quarantined` says why it is set aside, None if it is not.
    """

    id: str
    kind: ArtefactKind
    member: str
    family: str
    timeframe: Timeframe
    symbols: tuple[str, ...]
    made_at: datetime
    spans: Mapping[str, Any]
    path: str
    simulated: bool
    quarantined: str | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """One verdict of the gate on an artefact; `findings` are its lines, as JSON data."""

    artefact_id: str
    verdict: GateVerdict
    at: datetime
    reason: str
    findings: tuple[Mapping[str, Any], ...] = ()


class Artefacts:
    """The tables of artefacts and of the gate's verdicts on them; verdicts are only added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, artefact: ArtefactRow) -> bool:
        """Register an artefact; return whether it was new.

        The same content is the same artefact: registered again, it keeps its first row. A row of
        another member or timeframe under the same hash is a `DataError`.
        """
        query = sa.select(ARTEFACTS).where(ARTEFACTS.c.id == artefact.id)
        with self._database.write() as connection:
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                connection.execute(ARTEFACTS.insert(), _as_row(artefact))
                return True
        held = _as_artefact(row)
        if _scope(held) != _scope(artefact):
            raise DataError(
                f"Artefact {artefact.id} is registered as {held.kind} {held.member} "
                f"{held.timeframe}, not {artefact.kind} {artefact.member} {artefact.timeframe}"
            )
        return False

    def get(self, text: str) -> ArtefactRow:
        """Return the artefact whose id is `text` or begins with it."""
        begins = ARTEFACTS.c.id.startswith(text.strip(), autoescape=True)
        query = sa.select(ARTEFACTS).where(begins).order_by(ARTEFACTS.c.id).limit(4)
        with self._database.read() as connection:
            found = [_as_artefact(row) for row in connection.execute(query).mappings()]
        if len(found) == 1 or (found and found[0].id == text.strip()):
            return found[0]
        if found:
            names = ", ".join(artefact.id for artefact in found[:3])
            raise NotFoundError(f"Several artefacts begin with {text!r}: {names}")
        raise NotFoundError(f"No artefact begins with {text!r}; assay models list names them all")

    def list(
        self,
        *,
        kind: ArtefactKind | None = None,
        member: str | None = None,
        timeframe: Timeframe | None = None,
        symbol: str | None = None,
    ) -> list[ArtefactRow]:
        """Return the artefacts that match, the newest first, quarantined ones too."""
        query = sa.select(ARTEFACTS).order_by(ARTEFACTS.c.made_at.desc(), ARTEFACTS.c.id)
        for column, asked in (("kind", kind), ("member", member), ("timeframe", timeframe)):
            if asked is not None:
                query = query.where(ARTEFACTS.c[column] == str(asked))
        with self._database.read() as connection:
            found = [_as_artefact(row) for row in connection.execute(query).mappings()]
        return [row for row in found if symbol is None or symbol in row.symbols]

    def latest(
        self, kind: ArtefactKind, member: str, timeframe: Timeframe, symbol: str
    ) -> ArtefactRow | None:
        """Return the newest artefact of a member that covers a series and is not quarantined."""
        found = self.list(kind=kind, member=member, timeframe=timeframe, symbol=symbol)
        return next((row for row in found if row.quarantined is None), None)

    def quarantine(self, artefact_id: str, reason: str) -> None:
        """Set an artefact aside, with the reason; the first reason stays."""
        if not reason.strip():
            raise DataError(f"Artefact {artefact_id}: a quarantine needs a reason; none was given")
        held = self.get(artefact_id)
        with self._database.write() as connection:
            connection.execute(
                sa.update(ARTEFACTS)
                .where(ARTEFACTS.c.id == held.id, ARTEFACTS.c.quarantined.is_(None))
                .values(quarantined=reason)
            )

    def restore(self, artefact_id: str) -> None:
        """End a quarantine: the artefact was written anew and is whole."""
        held = self.get(artefact_id)
        with self._database.write() as connection:
            connection.execute(
                sa.update(ARTEFACTS).where(ARTEFACTS.c.id == held.id).values(quarantined=None)
            )

    def renew(self, artefact_id: str, made_at: datetime) -> None:
        """Make an artefact that was made again, to the same content, the newest (`made_at` UTC)."""
        with self._database.write() as connection:
            connection.execute(
                sa.update(ARTEFACTS)
                .where(ARTEFACTS.c.id == artefact_id)
                .values(made_at=utc(made_at))
            )

    def judge(self, promotion: Promotion) -> None:
        """Add a verdict of the gate; earlier ones stay."""
        held = self.get(promotion.artefact_id)
        with self._database.write() as connection:
            connection.execute(
                PROMOTIONS.insert(),
                {
                    "artefact_id": held.id,
                    "verdict": promotion.verdict.value,
                    "at": utc(promotion.at),
                    "reason": promotion.reason,
                    "findings": plain(promotion.findings),
                },
            )

    def version(self) -> tuple[object, ...]:
        """Return what changes when a model is trained, judged or set aside; cheap to ask for."""
        return self._database.ask(_VERSION)[0]

    def newest_verdicts(self) -> dict[str, GateVerdict]:
        """Return the newest verdict on every artefact that has one, by the artefact's id."""
        query = sa.select(PROMOTIONS.c.artefact_id, PROMOTIONS.c.verdict).order_by(PROMOTIONS.c.no)
        with self._database.read() as connection:
            return {row.artefact_id: GateVerdict(row.verdict) for row in connection.execute(query)}

    def verdicts(self, artefact_id: str) -> tuple[Promotion, ...]:
        """Return every verdict on an artefact, in the order they were given."""
        query = (
            sa.select(PROMOTIONS)
            .where(PROMOTIONS.c.artefact_id == artefact_id)
            .order_by(PROMOTIONS.c.no)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Promotion(
                row.artefact_id, GateVerdict(row.verdict), row.at, row.reason, tuple(row.findings)
            )
            for row in rows
        )

    def promoted(self, artefact_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the artefacts whose newest verdict is a promotion."""
        asked = {f"id_{number}": one for number, one in enumerate(artefact_ids)}
        found = self._database.ask(_promoted(len(asked)), **asked) if asked else []
        return frozenset(name for (name,) in found)


@cache
def _promoted(count: int) -> Statement:
    """Return what finds those of `count` artefacts whose newest verdict is a promotion."""
    asked = PROMOTIONS.c.artefact_id
    newest = (
        sa.select(sa.func.max(PROMOTIONS.c.no))
        .where(sa.or_(*(asked == sa.bindparam(f"id_{number}") for number in range(count))))
        .group_by(PROMOTIONS.c.artefact_id)
    )
    return Statement(
        sa.select(PROMOTIONS.c.artefact_id).where(
            PROMOTIONS.c.no.in_(newest), PROMOTIONS.c.verdict == GateVerdict.PROMOTED.value
        )
    )


def _scope(row: ArtefactRow) -> bytes:
    return canonical([row.kind, row.member, row.family, row.timeframe, row.symbols, row.spans])


def _as_row(artefact: ArtefactRow) -> dict[str, Any]:
    return {
        "id": artefact.id,
        "kind": artefact.kind.value,
        "member": artefact.member,
        "family": artefact.family,
        "timeframe": artefact.timeframe.value,
        "symbols": list(artefact.symbols),
        "made_at": utc(artefact.made_at),
        "spans": plain(artefact.spans),
        "path": artefact.path,
        "simulated": artefact.simulated,
        "quarantined": artefact.quarantined,
    }


def _as_artefact(row: Mapping[Any, Any]) -> ArtefactRow:
    values = {str(key): item for key, item in row.items()}
    values |= {
        "kind": ArtefactKind(values["kind"]),
        "timeframe": Timeframe(values["timeframe"]),
        "symbols": tuple(values["symbols"]),
    }
    return ArtefactRow(**values)
