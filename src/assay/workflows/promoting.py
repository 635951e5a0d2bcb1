"""The gate's verdicts on trained artefacts: given after a training, promoted and retired."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from assay.core.errors import ArtefactError, SettingsError
from assay.core.ids import digest, plain
from assay.evaluation.gate.artefact import LEVEL, PROFILE, Heard, finding, verdict_of
from assay.evaluation.gate.contract import Finding, Verdict
from assay.evaluation.gate.judge import VERSION
from assay.evaluation.gate.said import number
from assay.fusion.fitted import FittedFusion
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts, GateVerdict, Promotion
from assay.store.findings import SubjectKind, VerdictRow, Verdicts
from assay.workflows.desk import Desk
from assay.workflows.verdict_lines import line_of

CHECK = "foretells"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate says of one artefact, with a finding for every instrument it was heard on.

    `beaten` counts the series on which another version of it stands in its place.
    """

    artefact: ArtefactRow
    verdict: Verdict
    findings: tuple[Finding, ...]
    beaten: int = 0

    @property
    def reason(self) -> str:
        """Return the verdict in a sentence."""
        passed = [each for each in self.findings if each.allows >= Verdict.PAPER]
        count = len(self.findings)
        if not passed and self.beaten:
            return f"another version of it stands on {self.beaten} series"
        if passed:
            return f"foretells better than climatology on {len(passed)} of {count} series"
        return f"foretells better than climatology on none of {count} series"


def judge_members(desk: Desk, rows: Sequence[ArtefactRow]) -> list[Judged]:
    """Put members before the gate, by what the newest fusion of every series heard of them.

    The verdicts are stored. One that is the same as the newest is not stored again, so that
    training again what is there changes nothing; a member that a person retired stays so. A version
    that lost its contest with another does not pass where it lost.
    """
    fusions = newest_fusions(desk)
    heard, lost = _heard(fusions), _lost(fusions)
    found = []
    for row in rows:
        own = sorted(heard.get(row.id, ()), key=lambda each: each.series)
        beaten = lost.get(row.id, [])
        findings = (*(finding(each) for each in own), *beaten)
        judged = Judged(row, verdict_of(list(findings)), findings, len(beaten))
        _keep(desk, judged)
        found.append(judged)
    return found


def promote(desk: Desk, text: str, *, reason: str) -> Promotion:
    """Let an artefact weigh again; one whose newest verdict is below PAPER is refused."""
    registry = Artefacts(desk.database)
    row = _member(registry, text)
    verdict = Verdicts(desk.database).latest(SubjectKind.ARTEFACT, row.id)
    if verdict is None:
        raise SettingsError(
            f"{row.member} {row.timeframe} ({row.id[:12]}) has never been before the gate; run "
            "assay train again, which asks it"
        )
    if Verdict[verdict.verdict] < Verdict.PAPER:
        raise SettingsError(
            f"{row.member} {row.timeframe} ({row.id[:12]}) has not passed the gate "
            f"({verdict.verdict}): {verdict.lines[0].sentence if verdict.lines else 'unheard'}; "
            "only what passes can be promoted"
        )
    return _judge(desk, registry, row, GateVerdict.PROMOTED, reason)


def retire(desk: Desk, text: str, *, reason: str) -> Promotion:
    """Take an artefact's weight away from now on; what it said before stays on record."""
    registry = Artefacts(desk.database)
    return _judge(desk, registry, _member(registry, text), GateVerdict.WITHDRAWN, reason)


def standing(desk: Desk, fitted: FittedFusion) -> frozenset[str] | None:
    """Return which of a fusion's artefacts may weigh now; None where it was fitted without a gate.

    Those that passed when it was fitted, less those that were retired since.
    """
    if fitted.promoted is None:
        return None
    promoted: frozenset[str] = Artefacts(desk.database).promoted(fitted.promoted)
    return promoted


def newest_fusions(desk: Desk) -> list[FittedFusion]:
    """Return the newest fusion of every series; one that is damaged is left out."""
    newest: dict[tuple[object, ...], ArtefactRow] = {}
    for row in Artefacts(desk.database).list(kind=ArtefactKind.FUSION):  # the newest first
        if row.quarantined is None:
            newest.setdefault((row.symbols, row.timeframe), row)
    found = []
    for row in newest.values():
        path = desk.models / row.path
        with suppress(ArtefactError, OSError, UnicodeDecodeError):
            text = path.read_text(encoding="utf-8")
            found.append(FittedFusion.from_json(text, expected_id=row.id))
    return found


def _heard(fusions: Sequence[FittedFusion]) -> dict[str, list[Heard]]:
    """Return how each artefact did, on every instrument and at every timeframe that heard it."""
    found: dict[str, list[Heard]] = {}
    for fitted in fusions:
        for place, producer in enumerate(fitted.producers):
            series = f"{fitted.symbol} {fitted.timeframe}"
            told = Heard(series, fitted.skill[place], fitted.skill_error[place])
            found.setdefault(producer.artefact, []).append(told)
    return found


def _lost(fusions: Sequence[FittedFusion]) -> dict[str, list[Finding]]:
    """Return the contests that each artefact lost, as findings against it."""
    found: dict[str, list[Finding]] = {}
    for fitted in fusions:
        for contest in fitted.contests:
            both = (contest.champion, contest.challenger)
            won, beaten = both[::-1] if contest.found.won else both
            said = (
                f"{fitted.symbol} {fitted.timeframe}: {won[:12]} stands in its place, with "
                f"{number(abs(contest.found.gain) * 1e4, 1)} ± "
                f"{number(contest.found.gain_error * 1e4, 1)} e-4 nats more a row"
            )
            against = Finding(Verdict.FAIL, said, contest.found.gain, 0.0, contest.found.p_value)
            found.setdefault(beaten, []).append(against)
    return found


def _keep(desk: Desk, judged: Judged) -> None:
    verdicts, registry = Verdicts(desk.database), Artefacts(desk.database)
    row = judged.artefact
    mark = digest([row.id, [each.sentence for each in judged.findings]])
    last = verdicts.latest(SubjectKind.ARTEFACT, row.id, profile=PROFILE)
    if last is not None and last.inputs_digest == mark:
        return
    verdicts.add(
        VerdictRow(
            subject_kind=SubjectKind.ARTEFACT,
            subject_id=row.id,
            profile=PROFILE,
            at=desk.clock.now(),
            verdict=str(judged.verdict),
            gate_version=str(VERSION),
            inputs_digest=mark,
            trial_count=len(judged.findings),
            alpha_spent=LEVEL,
            libraries={},
            lines=tuple(line_of("statistics", CHECK, each) for each in judged.findings),
        )
    )
    given = registry.verdicts(row.id)
    if given and given[-1].verdict is GateVerdict.WITHDRAWN:
        return
    passed = judged.verdict >= Verdict.PAPER
    verdict = GateVerdict.PROMOTED if passed else GateVerdict.REFUSED
    _judge(desk, registry, row, verdict, judged.reason)


def _judge(
    desk: Desk, registry: Artefacts, row: ArtefactRow, verdict: GateVerdict, reason: str
) -> Promotion:
    made = Promotion(row.id, verdict, desk.clock.now(), reason)
    registry.judge(made)
    return made


def _member(registry: Artefacts, text: str) -> ArtefactRow:
    row = registry.get(text)
    if row.kind is not ArtefactKind.MEMBER:
        raise SettingsError(
            f"{row.id[:12]} is the fusion of {' '.join(row.symbols)} {row.timeframe}; the gate "
            "promotes members, and a fusion is PROVEN or not by itself"
        )
    return row


def as_plain(promotion: Promotion) -> dict[str, object]:
    """Return a promotion as plain data."""
    found: dict[str, object] = plain(asdict(promotion))
    return found
