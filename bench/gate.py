"""How long the gate takes over a large family, beside arch's test of the same question.

`python bench/gate.py [--trials 300] [--days 1500]`: correlated trials without skill, fat
tails. Timed are every check that looks at returns alone on the last trial, each with evidence of
its own so that nothing is shared, the whole tier sharing the clusters as the gate does, and a
family judged trial by trial. arch's SPA answers for all trials with as many draws. Ends with 1 if
the whole tier takes more than 10 s.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from assay.evaluation.gate.calibration import (
    DAYS_PER_YEAR,
    World,
    evidence_of,
    family_of,
    promoted,
)
from assay.evaluation.gate.contract import Check, Floats, Tier
from assay.evaluation.gate.judge import checks
from assay.evaluation.gate.profile import STANDARD
from assay.evaluation.statistics.superior import stationary_counts, superior
from figures import Figure, keep, timed

MOST_SECONDS = 10.0
DRAWS = 1_000
BLOCK_DAYS = 5


def by_arch(returns: Floats) -> Callable[[], object] | None:
    """Return arch's test for superior predictive ability, None where arch is not there."""
    try:
        from arch.bootstrap import SPA
    except ImportError:
        return None
    nothing = np.zeros(len(returns))

    def ask() -> object:
        chance = np.random.default_rng(0)
        test = SPA(nothing, -returns, block_size=BLOCK_DAYS, reps=DRAWS, seed=chance)
        test.compute()
        return test.pvalues

    return ask


def alone(check: Check, returns: Floats) -> Callable[[], object]:
    """Return one check asked with evidence of its own."""
    return lambda: check.judge(evidence_of(returns))


def seconds(action: Callable[[], object], rounds: int = 3) -> float:
    """Return how long the median round of `action` takes on the clock."""
    return timed(action, rounds).clock


def main() -> int:
    """Print the figures; return 1 where the goal is missed."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--trials", type=int, default=300)
    asked.add_argument("--days", type=int, default=1_500)
    given = asked.parse_args()
    world = World(given.trials, max(1, given.trials // 10), given.days / DAYS_PER_YEAR)
    returns, _ = family_of(world, 7)
    tier = [
        (name, check) for _, name, check in checks(STANDARD, (Tier.STATISTICS,)) if check.of_returns
    ]

    def first_time() -> None:
        stationary_counts.cache_clear()
        evidence = evidence_of(returns)
        for _, check in tier:
            check.judge(evidence)

    def once_more() -> None:
        evidence = evidence_of(returns)
        for _, check in tier:
            check.judge(evidence)

    def whole_family() -> None:
        list(promoted(returns, STANDARD))

    goal = Figure("the statistics tier on one trial", seconds(first_time), "s", MOST_SECONDS)
    figures = [
        replace(goal, note=f"{given.trials} trials x {given.days:,} days"),
        Figure("the same, draws remembered", seconds(once_more), "s"),
        *(Figure(f"of it: {name}", seconds(alone(check, returns)), "s") for name, check in tier),
        Figure(
            "the family, trial by trial", seconds(lambda: list(promoted(returns, STANDARD))), "s"
        ),
    ]
    arch = by_arch(returns)
    ours = seconds(lambda: superior(returns, draws=DRAWS, block_days=BLOCK_DAYS))
    peers = {} if arch is None else {"arch SPA": seconds(arch, rounds=1)}
    note = f"all trials, {DRAWS:,} draws, blocks of {BLOCK_DAYS} days; ours is stepwise too"
    figures.append(Figure("superior ability", ours, "s", note=note, peers=peers))
    return keep("gate", figures, "scipy", "arch")


if __name__ == "__main__":
    sys.exit(main())
