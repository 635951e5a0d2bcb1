"""Whose account of itself may be shown: those that name planted columns, and pass on their own.

Two tests, both needed. A member's kind is fitted on worlds in which two of twelve columns foretell:
its account must rank these first, and row by row follow what they truly did. The results are the
table `faithfulness.json`, made by `tools/faithfulness.py`. Each fitted model must besides pass
`explaining.deletion` on the span it was calibrated on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from assay.models.catalog import MEMBERS
from assay.models.contract import Floats
from assay.models.explaining import account, usual_of
from assay.models.fitting import Fitted, fit_member
from assay.models.planted import PLANTED, planted_world
from assay.models.scores import ranks

TABLE = "faithfulness.json"
SEEDS = (1, 2, 3)
LEAST_AGREEMENT = 0.7
"""Rank correlation of an account with the truth, over rows; by chance it would be 0."""
PROBED = 200


@dataclass(frozen=True, slots=True)
class Planted:
    """How an account did in a planted world.

    `recall` is the share of the planted columns among as many that moved the answers most, of those
    that moved any; `agreement` the rank correlation, over rows, of what the account gives a planted
    column with what that column truly did, the mean over those that were read.
    """

    method: str
    recall: float
    agreement: float


def planted(name: str, seed: int) -> Planted:
    """Fit a member on the planted world of `seed` and hold its account against the truth."""
    world = planted_world(seed)
    spans = {span: rows for span, rows in world.items() if span != "test"}
    return held_against(fit_member(MEMBERS.get(name)(), spans, seed=seed), seed)


def held_against(fitted: Fitted, seed: int) -> Planted:
    """Hold the account of a member that was fitted already against the truth of `seed`."""
    asked = planted_world(seed)["test"].asked
    rows = asked.take(np.arange(len(asked) - PROBED, len(asked)))
    told = account(fitted.runtime, rows, lambda: usual_of(asked))
    moved = told.columns
    size = np.nan_to_num(np.abs(moved)).mean(axis=0)
    read = [column for column in PLANTED if size[column] > 0]
    if not read:
        return Planted(told.method.value, 0.0, 0.0)
    first = np.argsort(-size, kind="stable")[: len(read)]
    found = [correlation(moved[:, column], rows.x[:, column]) for column in read]
    return Planted(
        told.method.value, len(set(first) & set(read)) / len(read), float(np.mean(found))
    )


def correlation(one: Floats, other: Floats) -> float:
    """Return the rank correlation of two columns, 0 where either is constant."""
    known = np.isfinite(one) & np.isfinite(other)
    if np.ptp(one[known]) == 0 or np.ptp(other[known]) == 0:
        return 0.0
    return float(np.corrcoef(ranks(one[known]), ranks(other[known]))[0, 1])


def judged(name: str) -> dict[str, Any]:
    """Return a member's line of the table: the worst of several worlds counts."""
    found = [planted(name, seed) for seed in SEEDS]
    recall, agreement = (min(getattr(each, of) for each in found) for of in ("recall", "agreement"))
    return {
        "method": found[0].method,
        "recall": round(recall, 3),
        "agreement": round(agreement, 3),
        "passed": recall == 1.0 and agreement >= LEAST_AGREEMENT,
    }


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """Return the table of kinds by the member's name."""
    text = files("assay.models").joinpath(TABLE).read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def withheld(member: str, own: Mapping[str, Any] | None) -> str | None:
    """Return why a model's account is not shown; None if it may be.

    `own` is `metrics["explanation"]` of the model, None where nothing moved its answers.
    """
    line = table().get(member)
    if line is None:
        return f"members called {member} were never put to the test of planted columns"
    if not line["passed"]:
        return (
            f"in planted worlds the accounts of {member} found {line['recall'] * 100:.0f} % of the "
            f"columns that foretell, and followed them by {line['agreement']:.2f} where "
            f"{LEAST_AGREEMENT} is asked"
        )
    if own is None:
        return "nothing it read moved its answers, or it was never put to the test"
    if not own["passed"]:
        return (
            f"taking away the columns it names moved its answers by {own['named']:.3f}, any others "
            f"by {own['any']:.3f}: too little between them"
        )
    return None
