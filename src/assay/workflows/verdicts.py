"""What the gate asks, and what it said of a run."""

from dataclasses import fields
from inspect import getdoc, getmodule
from typing import Any

from assay.core.errors import NotFoundError
from assay.evaluation.gate.contract import Check, Tier
from assay.evaluation.gate.judge import checks
from assay.evaluation.gate.profile import profile_of
from assay.store.findings import VerdictRow
from assay.workflows.desk import Desk
from assay.workflows.experiments.looking import judged, named
from assay.workflows.verdict_lines import ALLOWS


def verdict_on(desk: Desk, asked: str) -> dict[str, Any]:
    """Return the newest verdict on the run called `asked`, line by line, as plain data.

    By its id or how only that begins; a run without a verdict is a `NotFoundError`.
    """
    row = named(desk, asked)
    [(_, verdict)] = judged(desk, [row])
    if verdict is None:
        raise NotFoundError(
            f"The gate has said nothing of {row.trial.id}, which is {row.trial.status}; it judges "
            "a run when those registered before it have ended: assay experiment resume"
        )
    return {
        "id": row.trial.id,
        "title": row.facts.title,
        "family": row.facts.family,
        "simulated": (row.trial.metrics or {}).get("simulated"),
        **_told(verdict),
    }


def _told(verdict: VerdictRow) -> dict[str, Any]:
    names = ("tier", "check", "passed", "statistic", "threshold", "p", "power", "sentence")
    return {
        "verdict": verdict.verdict,
        "at": verdict.at,
        "profile": verdict.profile,
        "gate_version": verdict.gate_version,
        "trial_count": verdict.trial_count,
        "alpha_spent": verdict.alpha_spent,
        "inputs_digest": verdict.inputs_digest,
        "libraries": dict(verdict.libraries),
        "lines": [
            {
                **{name: getattr(line, name) for name in names},
                "allows": line.detail.get(ALLOWS),
                "detail": {name: v for name, v in line.detail.items() if name != ALLOWS},
            }
            for line in verdict.lines
        ],
    }


def asked_by(profile: str) -> list[dict[str, Any]]:
    """Return what the gate asks under `profile`, in order: question, thresholds, what follows."""
    return [
        {
            "tier": str(tier),
            "check": name,
            "question": _first(getmodule(type(check))),
            "says": " ".join((getdoc(type(check)) or "").split()),
            "thresholds": _thresholds(check),
        }
        for tier, name, check in checks(profile_of(profile), tuple(Tier))
    ]


def _thresholds(check: Check) -> dict[str, Any]:
    return {each.name: getattr(check, each.name) for each in fields(check)}  # type: ignore[arg-type] # a dataclass by contract


def _first(module: object) -> str:
    return (getdoc(module) or "").partition("\n")[0]
