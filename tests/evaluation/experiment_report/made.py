"""Reports as plain data, made from evidence that never was, through the real gate."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from assay.evaluation.experiment_report import conditions, curves, family_figures, luck
from assay.evaluation.experiment_report.family_remarks import family_remarks
from assay.evaluation.experiment_report.run_remarks import run_remarks
from assay.evaluation.experiment_report.weights import importance
from assay.evaluation.gate.contract import Evidence
from assay.evaluation.gate.judge import judge
from assay.evaluation.gate.profile import STANDARD
from assay.evaluation.metrics import drawdown, one_figure, sharpe, total_return
from tests.evaluation.gate.evidence import DAYS_PER_YEAR, sound, with_sharpe

AT = datetime(2022, 1, 3, 12, tzinfo=UTC)
WEIGHTS = {"rsi_14": 0.03, "log_return_1": 0.02, "atr_14": 0.001}
FOLDS = 4


def run(evidence: Evidence | None = None, **changes: Any) -> dict[str, Any]:
    """Return the report of a run that `evidence` is of, a sound one if left out."""
    found = sound() if evidence is None else evidence
    told = _told(found) | changes
    return told | {"findings": [remark.to_json() for remark in run_remarks(told)]}


def _told(evidence: Evidence) -> dict[str, Any]:
    judgement = judge(evidence, STANDARD)
    seeds = [str(seed) for seed in evidence.seeds]
    figures = {
        "days": len(evidence.days),
        "net_sharpe": one_figure(evidence.net, lambda d: sharpe(d, DAYS_PER_YEAR)).to_json(),
        "net_return": one_figure(evidence.net, total_return).to_json(),
        "drawdown": one_figure(evidence.net, drawdown).to_json(),
        "hit_rate": dict.fromkeys(seeds, 0.52),
        "log_loss_gain": dict.fromkeys(seeds, 0.001),
        "information_coefficient": dict.fromkeys(seeds, 0.04),
        "trades": {
            seed: float(count) for seed, count in zip(seeds, evidence.counts["trades"], strict=True)
        },
    }
    return {
        "kind": "run",
        "id": "trial-0123456789ab",
        "no": 1,
        "title": "made-up (4 bars)",
        "name": "made-up",
        "tag": "4 bars",
        "family": "made-up",
        "status": "finished",
        "started_at": AT,
        "finished_at": AT,
        "seconds": 12.5,
        "simulated": evidence.simulated,
        "primary_metric": "log_loss_gain",
        "primary": 0.001,
        "verdict": str(judgement.verdict),
        "hypothesis": "What moved goes on moving, and it is refuted if it does not.",
        "configuration": {
            "data": {"instruments": ["EURUSD"], "timeframe": "1h", "from": None, "to": None},
            "splits": {"kind": "expanding"},
        },
        "configuration_flat": {"data.instruments": ["EURUSD"], "splits.kind": "expanding"},
        "profile": "standard",
        "code_version": "1.0",
        "uncommitted_lines": 0,
        "data_fingerprint": "f" * 64,
        "work_key": "a" * 64,
        "libraries": {"numpy": "2"},
        "machine": {"system": "Linux"},
        "figures": figures,
        "seeds_asked": list(evidence.seeds),
        "registered": evidence.registration.registered,
        "order": evidence.registration.order,
        "judged_at": AT,
        "verdict_sentence": judgement.summary(),
        "verdict_lines": [
            {
                "tier": str(line.tier),
                "check": line.check,
                "passed": line.finding.passed,
                "statistic": known(line.finding.statistic),
                "threshold": known(line.finding.threshold),
                "p": known(line.finding.p_value),
                "power": known(line.finding.power),
                "sentence": line.finding.sentence,
                "allows": str(line.finding.allows),
            }
            for line in judgement.lines
        ],
        "first_day": "2016-01-01",
        "last_day": "2020-04-09",
        "folds": _folds(evidence),
        "equity": curves.equity(evidence),
        "seeds": conditions.seeds(evidence),
        "kinds_of_days": conditions.kinds_of_days(evidence),
        "costs": conditions.costs(evidence),
        "deflation": luck.deflation(evidence),
        "overfitting": luck.overfit(evidence.family),
        "importance": importance(
            [{"fold": n + 1, "seed": 1, "importance": WEIGHTS} for n in range(FOLDS)]
        ),
    }


def known(value: float | None) -> float | None:
    """Return a number as it is stored: None for one that is not finite."""
    return None if value is None or not np.isfinite(value) else float(value)


def _folds(evidence: Evidence) -> list[dict[str, Any]]:
    return [
        {
            "fold": n + 1,
            "seed": seed,
            "first_day": "2016-01-01",
            "last_day": "2016-12-31",
            "days": len(part),
            "trades": 100,
            "net_sum": float(part.sum()),
            "net_return": float(np.prod(1 + part) - 1),
            "net_sharpe": known(float(sharpe(part[None], DAYS_PER_YEAR)[0])),
            "hit_rate": 0.52,
            "log_loss_gain": 0.001,
            "information_coefficient": 0.04,
        }
        for column, seed in enumerate(evidence.seeds)
        for n, part in enumerate(np.array_split(evidence.returns["net"][:, column], FOLDS))
    ]


def family(returns: np.ndarray | None = None, **changes: Any) -> dict[str, Any]:
    """Return the report of a family with `returns` (D, M), six trials of two ideas if left out."""
    found = ideas(3, 3) if returns is None else returns
    names = [f"trial-{n:012d}" for n in range(found.shape[1])]
    days = np.arange(len(found)) + 17_000
    filled = np.nan_to_num(found)
    grown = family_figures.family_curves(names, days, found, DAYS_PER_YEAR)
    grouped = family_figures.ideas_of(names, filled, DAYS_PER_YEAR)
    lines = [
        (name, {"threshold": 0.05 * (1 / 11) / 3, "p": 0.5, "detail": {"idea": 1}})
        for name in names
    ]
    told = {
        "kind": "family",
        "family": "made-up",
        "primary_metric": "net_sharpe",
        "baseline": {"model": "ridge"},
        "registered_at": AT,
        "lock_box": ("2021-01-01", None),
        "simulated": False,
        "counts": {
            "registered": len(names), "tries": 0, "finished": len(names), "unfinished": 0,
        },
        "same_days": bool(np.isfinite(found).all()),
        "trials": [
            {
                "id": name,
                "no": n + 1,
                "order": n + 1,
                "title": f"made-up ({n})",
                "status": "finished",
                "verdict": "FAIL",
                "net_sharpe": one_figure(
                    filled[:, n], lambda d: sharpe(d, DAYS_PER_YEAR)
                ).to_json(),
                "p": 0.4,
                "idea": grouped["idea_of"][name],
                "trades": 250,
            }
            for n, name in enumerate(names)
        ],
        "equity": grown,
        "best": grown["best"],
        "noise": family_figures.noise(filled, DAYS_PER_YEAR, registered=len(names), unseen=0),
        "overfitting": luck.overfit(filled),
        "ideas": grouped,
        "alpha": family_figures.alpha_spent(lines),
        "looks": [{"at": AT, "trial": names[0], "reason": "the last test"}],
        "sentence": f"Of {len(names)} judged trials: {len(names)} FAIL",
    } | changes  # fmt: skip
    return told | {"findings": [remark.to_json() for remark in family_remarks(told)]}


def ideas(*sizes: int, annual: float = 0.3, days: int = 800) -> np.ndarray:
    """Return (days, sum of sizes) daily returns: so many trials of each idea, much alike."""
    chance = np.random.default_rng(3)
    columns = []
    for number, size in enumerate(sizes):
        mean = with_sharpe(annual * (number + 1), days, seed=50 + number)
        columns += [mean + chance.normal(0, 0.002, days) for _ in range(size)]
    return np.column_stack(columns)
