"""How often the gate lets noise through, and how often it sees what is there: returns alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from assay.core.errors import SettingsError
from assay.evaluation.gate.contract import Check, Evidence, Floats, Registration, Tier, Verdict
from assay.evaluation.gate.judge import checks
from assay.evaluation.gate.profile import Profile
from assay.evaluation.statistics.sharpe import sharpe_ratio

DAYS_PER_YEAR = 260
FREEDOM = 5.0
"""Degrees of freedom of the daily returns: their tails are as fat as a market's."""
EASIEST = 1.2
"""A t statistic below this cannot reach 95 % by any correction, so nothing else is asked."""


@dataclass(frozen=True, slots=True)
class World:
    """A family of trials whose truth is known.

    `trials` belong to `ideas` of equal size, correlated by `correlation` within an idea, not
    between; registered in random order. Daily returns have Student's t distribution and a
    correlation of `memory` with those of the day before. All trials of one idea, at random, have
    the true annual Sharpe ratio `true_sharpe`; the others have none.
    """

    trials: int = 300
    ideas: int = 30
    years: float = 6.0
    correlation: float = 0.8
    true_sharpe: float = 0.0
    memory: float = 0.0

    def __post_init__(self) -> None:
        if self.trials < self.ideas or self.trials % self.ideas:
            raise SettingsError(
                f"{self.trials} trials cannot be shared evenly by {self.ideas} ideas"
            )

    @property
    def days(self) -> int:
        """Return how many days the trials are long."""
        return round(self.years * DAYS_PER_YEAR)


def family_of(world: World, seed: int) -> tuple[Floats, np.ndarray]:
    """Return daily returns (days, trials) in order of registration, and which trials are true."""
    chance = np.random.default_rng(seed)
    idea = chance.permutation(np.arange(world.trials) % world.ideas)
    common = chance.standard_t(FREEDOM, (world.days, world.ideas))
    own = chance.standard_t(FREEDOM, (world.days, world.trials))
    share = np.sqrt(world.correlation)
    returns = share * common[:, idea] + np.sqrt(1.0 - world.correlation) * own
    returns *= 0.01 / np.sqrt(FREEDOM / (FREEDOM - 2.0))
    for day in range(1, world.days if world.memory else 0):
        returns[day] += world.memory * returns[day - 1]
    true = idea == chance.integers(world.ideas)
    if world.true_sharpe:
        deviation = returns.std(axis=0)
        returns[:, true] += world.true_sharpe / np.sqrt(DAYS_PER_YEAR) * deviation[true]
    return returns, true & bool(world.true_sharpe)


def promoted(returns: Floats, profile: Profile) -> Iterator[int]:
    """Yield the trials that reach PAPER, each judged with what was registered up to it.

    By the checks of the statistics tier that look at returns alone, the cheap ones first: what one
    check refuses is not asked of the others, since the verdict is the least of all.
    """
    asked = [check for _, _, check in checks(profile, (Tier.STATISTICS,)) if check.of_returns]
    asked.sort(key=lambda check: _COST.get(type(check).__name__, 9))
    root = np.sqrt(len(returns))
    for own in _worth_asking(returns):
        ratio = sharpe_ratio(returns[:, own])
        if (
            np.isfinite(ratio)
            and ratio * root >= EASIEST
            and _reaches(evidence_of(returns[:, : own + 1]), asked)
        ):
            yield own


def _worth_asking(returns: Floats) -> list[int]:
    """Return the trials whose t statistic is `EASIEST` or more, and no fewer for rounding."""
    if len(returns) < 2:
        return []
    spread = returns.std(axis=0, ddof=1)
    least = EASIEST * (1.0 - 1e-6) * spread / np.sqrt(len(returns))
    found: list[int] = np.flatnonzero(returns.mean(axis=0) >= least).tolist()
    return found


_COST = {"ProbabilisticSharpe": 0, "FamilyAlpha": 1, "SuperiorAbility": 2}


def _reaches(evidence: Evidence, asked: list[Check]) -> bool:
    return all(check.judge(evidence).allows >= Verdict.PAPER for check in asked)


def evidence_of(returns: Floats, earlier: Floats | None = None) -> Evidence:
    """Return the evidence of the last column of `returns` (days, trials), nothing but returns."""
    days, trials = returns.shape
    nothing = np.zeros((0, 1))
    return Evidence(
        horizon_bars=1,
        days_per_year=DAYS_PER_YEAR,
        seeds=(0,),
        is_random=False,
        days=np.arange(days),
        returns={"net": returns[:, -1:]},
        score_days=np.zeros(0, dtype=np.int64),
        scores={"weight": nothing, "loss": nothing, "base_loss": nothing},
        inside=np.zeros(0, dtype=np.int8),
        nominal=0.9,
        counts={},
        psi=np.zeros(0),
        unexplained=0.0,
        paths=np.zeros(0),
        registration=Registration(
            family="calibration",
            hypothesis="returns without a market",
            primary_metric="net_sharpe",
            registered=trials,
            order=trials,
            unseen_runs=0,
            unseen_tries=0,
            earlier=np.ones(trials - 1) if earlier is None else earlier,
            looks=0,
            folds_wanted=1,
            folds_found=1,
        ),
        family=returns,
        own=trials - 1,
        simulated=True,
    )


def count_promoted(world: World, seeds: range, profile: Profile) -> tuple[int, int]:
    """Return in how many families a trial without skill was promoted, and one with skill."""
    false, found = 0, 0
    for seed in seeds:
        returns, true = family_of(world, seed)
        passed = np.zeros(world.trials, dtype=np.bool_)
        for own in promoted(returns, profile):
            passed[own] = True
            if not world.true_sharpe or (passed & true).any():
                break
        false += bool((passed & ~true).any())
        found += bool((passed & true).any())
    return false, found


def upper_bound(passed: int, families: int, confidence: float = 0.95) -> float:
    """Return the one-sided upper bound of a rate (Clopper & Pearson 1934)."""
    from scipy.stats import beta

    return 1.0 if passed >= families else float(beta.ppf(confidence, passed + 1, families - passed))


def interval(passed: int, families: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the two-sided bounds of a rate, each missed by half (Clopper & Pearson 1934)."""
    side = (1.0 + confidence) / 2.0
    low = 1.0 - upper_bound(families - passed, families, side) if passed else 0.0
    return low, upper_bound(passed, families, side)
