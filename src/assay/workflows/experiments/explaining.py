"""Explain a result that the gate suspects: on record for ever, and PAPER at most from then on."""

from dataclasses import replace

from assay.core.errors import SettingsError
from assay.core.ids import digest
from assay.evaluation.gate.contract import Verdict
from assay.evaluation.gate.explanation import Explanation, explained, refuse_unexplainable
from assay.evaluation.gate.judge import least
from assay.store.explanations import ExplanationRow, Explanations
from assay.store.findings import VerdictLine, VerdictRow, Verdicts
from assay.workflows.desk import Desk
from assay.workflows.experiments.looking import judged, named
from assay.workflows.verdict_lines import finding_of, line_of


def explain(desk: Desk, asked: str, *, why: str, by: str, check: str = "too_good") -> VerdictRow:
    """Store why a suspicion of the gate is no leak, and return the run's new verdict.

    The verdict before stays on record, and every other line stands as it was. What is explained
    lets the run go to PAPER at most: on prices that nobody has seen yet. The explanation holds for
    this configuration with these results, and for no other. A run that is not under suspicion, or a
    check that measures, is a `SettingsError`.
    """
    refuse_unexplainable(check)
    row = named(desk, asked)
    [(_, verdict)] = judged(desk, [row])
    line = None if verdict is None else next((x for x in verdict.lines if x.check == check), None)
    if verdict is None or line is None or line.passed is not False:
        raise SettingsError(
            f"{row.trial.id} ({row.facts.title}) is not under suspicion: "
            + ("the gate has not judged it yet" if verdict is None else f"{check} passed")
        )
    said = ExplanationRow(row.trial.id, check, desk.clock.now(), by.strip(), why.strip())
    Explanations(desk.database).add(said)
    return Verdicts(desk.database).add(_again(verdict, line, said))


def _again(verdict: VerdictRow, line: VerdictLine, said: ExplanationRow) -> VerdictRow:
    """Return the verdict with one of its lines explained."""
    found = explained(finding_of(line), Explanation(said.by, said.at, said.why))
    told = line_of(line.tier, line.check, found)
    lines = tuple(told if each is line else each for each in verdict.lines)
    allowed: Verdict = least(finding_of(each) for each in lines)
    return replace(
        verdict,
        no=None,
        at=said.at,
        verdict=str(allowed),
        inputs_digest=digest([verdict.inputs_digest, said.check, said.by, said.why]),
        lines=lines,
    )
