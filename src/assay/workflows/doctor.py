"""Is everything in order? One line a question, checked for real, nothing changed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from assay.core.calendars.calendar import CALENDARS, calendar
from assay.core.errors import ArtefactError, AssayError, NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.models.loading import load
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.store.verify import Damage
from assay.workflows import freshness, machine
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.finding import Finding, Findings, State
from assay.workflows.whatif import fusion_by_id

CALENDAR_DAYS = 180
"""How far ahead a calendar should reach."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All lines, in the order they were checked."""

    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Say whether nothing failed."""
        return all(one.state is not State.FAIL for one in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"sound": self.sound, "findings": [asdict(one) for one in self.findings]}


def examine(desk: Desk, *, tick: Tick = silent) -> Diagnosis:
    """Look at everything; a check that cannot be made is a finding, never an error."""
    checks: tuple[tuple[str, Callable[[Desk], Findings]], ...] = (
        ("python", machine.python),
        ("libraries", machine.libraries),
        ("extras", machine.optional),
        ("processors", machine.threads),
        ("torch", machine.torch),
        ("compiled", machine.compiled),
        ("settings", machine.settings),
        ("workspace", machine.workspace),
        ("disk", machine.disk),
        ("database", _database),
        ("journal", _journal),
        ("clock", freshness.clock),
        ("bars", _bars),
        ("age", freshness.ages),
        ("holes", freshness.holes),
        ("documents", _documents),
        ("models", _models),
        ("training", freshness.trained),
        ("calendars", _calendars),
        ("browser", machine.browser),
    )
    found: list[Finding] = []
    for number, (name, check) in enumerate(checks, 1):
        try:
            found += check(desk)
        except (AssayError, OSError) as error:
            found.append(Finding(name, State.FAIL, f"It cannot be checked: {error}"))
        tick("Examining", number, len(checks))
    return Diagnosis(tuple(found))


def undesked(error: AssayError) -> Diagnosis:
    """Return what can be said where the settings have a mistake, which is the first finding."""
    found = [Finding("settings", State.FAIL, str(error))]
    for check in (machine.python, machine.libraries, machine.optional):
        found += check(None)
    return Diagnosis(tuple(found))


def _database(desk: Desk) -> Findings:
    lost = desk.loss()
    if lost:
        yield Finding("database", State.FAIL, lost)
        return
    if not desk.has_database:
        yield Finding("database", State.INFO, "There is none yet; the first use makes it")
        return
    health = desk.database.check()
    for problem in health.problems:
        yield Finding("database", State.FAIL, problem)
    if not health.problems:
        yield Finding("database", State.OK, f"sound; {health.notes[0]}")
    for note in health.notes[1:]:
        yield Finding("database", State.INFO, note)


def _journal(desk: Desk) -> Findings:
    found = desk.journal_as_it_is.verify()
    if found.problem and found.problem.damage is Damage.LOST:
        yield Finding("journal", State.FAIL, "Every entry is lost with the database")
    elif found.problem:
        yield Finding("journal", State.FAIL, found.problem.sentence)
    elif not desk.has_database:
        yield Finding("journal", State.INFO, "There is none yet; the first signal begins it")
    else:
        said = f"{found.entries:,} entries, every digest, the chain, its head and the signals hold"
        yield Finding("journal", State.OK, said)
    for note in found.notes:
        yield Finding("journal", State.INFO, note)


def _bars(desk: Desk) -> Findings:
    """Check every series by itself, so that one damaged file hides no other."""
    files = series = 0
    for folder in sorted(desk.bars.root.glob("symbol=*/timeframe=*")):
        symbol = unquote(folder.parent.name.partition("=")[2])
        name = folder.name.partition("=")[2]
        try:
            files += desk.bars.verify(symbol, Timeframe.parse(name))
            series += 1
        except AssayError as error:
            yield Finding("bars", State.FAIL, f"{symbol} {name}: {error}")
            continue
        if not _is_defined(desk, symbol):
            said = (
                f"{symbol} {name} is stored, but nothing says what {symbol} is; import any of its "
                "bars again with --class equity or --class index"
            )
            yield Finding("bars", State.WARN, said)
    if series:
        said = f"{series:,} series, every hash holds (files: {files:,})"
        yield Finding("bars", State.OK, said)
    elif not any(desk.bars.root.glob("symbol=*/timeframe=*")):
        yield Finding("bars", State.INFO, "None are stored yet; assay data import brings some")


def _is_defined(desk: Desk, symbol: str) -> bool:
    """Say whether the instrument is known; a lost or damaged database is told of elsewhere."""
    try:
        desk.instrument(symbol)
    except NotFoundError:
        return False
    except AssayError:
        return True
    return True


def _documents(desk: Desk) -> Findings:
    held = [
        f"{info.rows:,} {kind}{' (simulated)' if simulated else ''}"
        for (kind, simulated), info in desk.documents.info().items()
        if info.rows
    ]
    if held:
        yield Finding("documents", State.OK, f"{', '.join(held)}, every hash holds")
    else:
        yield Finding("documents", State.INFO, "No stories or releases are stored")


def _models(desk: Desk) -> Findings:
    if not desk.has_database:
        yield from _unregistered(desk)
        return
    rows = Artefacts(desk.database).list()
    sound = 0
    for row in rows:
        if row.quarantined:
            said = f"{_named(row)} is set aside: {row.quarantined}"
            yield Finding("models", State.WARN, said)
            continue
        try:
            _load(desk, row)
            sound += 1
        except (ArtefactError, NotFoundError) as error:
            yield Finding("models", State.FAIL, f"{_named(row)}: {error}")
    if sound:
        said = f"{sound:,} artefacts load and give their golden answers"
        yield Finding("models", State.OK, said)
    elif not rows:
        yield Finding("models", State.INFO, "None are trained yet; assay train makes them")
    yield from _strays(desk, {Path(row.path).parts[0] for row in rows})


def _unregistered(desk: Desk) -> Findings:
    """Say what lies there without a database: the files are whole, but nobody knows of them."""
    trained = list(desk.models.glob("*/manifest.json"))
    if trained:
        said = (
            f"{len(trained):,} trained models lie under {desk.models}, but there is no database "
            "that registers them; restore it from a copy, or train again"
        )
        yield Finding("models", State.WARN, said)
    else:
        yield Finding("models", State.INFO, "None are trained yet; assay train makes them")


def _load(desk: Desk, row: ArtefactRow) -> None:
    if row.kind is ArtefactKind.FUSION:
        fusion_by_id(desk, row.id)
    else:
        load(desk.models / row.path)


def _named(row: ArtefactRow) -> str:
    return f"{row.member} {row.timeframe} {row.id[:12]}"


def _strays(desk: Desk, known: set[str]) -> Findings:
    if not desk.models.is_dir():
        return
    strays = sorted(p.name for p in desk.models.iterdir() if p.name not in known)
    if strays:
        said = (
            f"{len(strays):,} folders under {desk.models} belong to no registered artefact, first "
            f"{strays[0][:24]}; a run that was stopped leaves such, they can be deleted"
        )
        yield Finding("models", State.INFO, said)


def _calendars(desk: Desk) -> Findings:
    today = desk.clock.now().date()
    reach = {name: calendar(name).last for name in CALENDARS}
    for name, last in reach.items():
        if last < today:
            said = f"{name} ends on {last}, before today; upgrade Assay, or give an override"
            yield Finding("calendars", State.FAIL, said)
        elif last - today < timedelta(days=CALENDAR_DAYS):
            said = f"{name} ends on {last}, soon; upgrade Assay before then"
            yield Finding("calendars", State.WARN, said)
    good = [name for name, last in reach.items() if last - today >= timedelta(days=CALENDAR_DAYS)]
    if good:
        first = min(good, key=lambda name: reach[name])
        said = f"{', '.join(good)} reach at least to {reach[first]}"
        yield Finding("calendars", State.OK, said)
