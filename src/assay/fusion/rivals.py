"""Champion and challenger: of two versions of one producer only one weighs, chosen by the past."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.values.timeframe import Timeframe
from assay.fusion.evidence import Floats, Producer, log_score
from assay.fusion.inference import DayBlocks, t_above

Rivals = Sequence[tuple[int, int]]
"""Pairs of columns: that of the champion, and that of the challenger."""
UNKNOWN = float(np.log(2.0))
"""The standard error of a gain nobody can tell: the whole score of a fair coin, in nats."""
TRIED = 2
"""How many versions were tried where there is a contest: the better one must pass twice as hard."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How a challenger did beside the champion.

    `gain` is the challenger's mean log score less the champion's, nats a row, over the `rows` in
    which both spoke, on `days` days, with its standard error by whole days; `p_value` that of the
    one-sided test that the challenger is better. `won` says whether it takes the champion's place.
    """

    gain: float
    gain_error: float
    p_value: float
    rows: int
    days: int
    won: bool


@dataclass(frozen=True, slots=True)
class Contest:
    """A comparison on outcomes that neither had learned from, by the ids of the two artefacts."""

    member: str
    timeframe: Timeframe
    champion: str
    challenger: str
    found: Compared


@dataclass(frozen=True, slots=True)
class Scores:
    """What is compared, n rows of M producers: the arguments of `learn.measure_skill`."""

    evidence: Floats
    slope: Floats
    base: Floats
    outcome: Floats
    blocks: DayBlocks

    def compared(self, pair: tuple[int, int]) -> Compared:
        """Return how the challenger of `pair` did beside the champion.

        It takes the place unless its mean score is the lower one. That is no proof, nor need it be:
        either has to pass the gate by itself, and the newer one has seen more. Where they never
        spoke together, the one that spoke more often stands.
        """
        known = np.isfinite(self.evidence[:, list(pair)])
        both = known.all(axis=1)
        score = [
            log_score(self.base + self.slope[place] * said, self.outcome)
            for place, said in zip(pair, np.nan_to_num(self.evidence[:, list(pair)]).T, strict=True)
        ]
        counted = np.asarray(both, dtype=np.float64)
        better = counted * (score[1] - score[0])
        gain, error = (float(each) for each in self.blocks.mean(better, counted))
        sure = bool(np.isfinite(error)) and error > 0
        champion, challenger = known.sum(axis=0)
        return Compared(
            gain=gain,
            gain_error=error if sure else UNKNOWN,
            p_value=t_above(gain / error, self.blocks.degrees) if sure else 1.0,
            rows=int(both.sum()),
            days=int((self.blocks.sums(counted) > 0).sum()),
            won=bool(gain >= 0 if both.any() else challenger > champion),
        )


def standing(count: int, rivals: Rivals, found: Sequence[Compared]) -> NDArray[np.bool_]:
    """Return (count,) which producers are left: of every pair the one that stands."""
    left = np.ones(count, dtype=np.bool_)
    for (champion, challenger), each in zip(rivals, found, strict=True):
        left[champion if each.won else challenger] = False
    return left


def contest_of(producers: Sequence[Producer], pair: tuple[int, int], found: Compared) -> Contest:
    """Return the contest of the two columns of `pair`."""
    champion, challenger = (producers[place] for place in pair)
    return Contest(
        member=challenger.member,
        timeframe=challenger.timeframe,
        champion=champion.artefact,
        challenger=challenger.artefact,
        found=found,
    )


def levels_of(count: int, rivals: Rivals, level: float) -> Floats:
    """Return (count,) the level at which the gate asks each: the better of two is asked harder.

    Half the level for each of two bounds how often either passes without skill (Bonferroni).
    """
    found = np.full(count, level)
    for pair in rivals:
        found[list(pair)] = level / TRIED
    return found
