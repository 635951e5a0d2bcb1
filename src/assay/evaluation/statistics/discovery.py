"""False discoveries over a stream of experiments that never ends: who may claim at what level."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.sharpe import Floats

# As in the R package onlineFDR; control needs no more than that neither sequence exceeds 1 in all.
LORD_SCALE = 0.07720838
SAFFRON_SCALE = 0.4374901658


@dataclass(frozen=True, slots=True)
class Discoveries:
    """What each experiment was tested at and which are claimed, in order of registration.

    `levels` (n,) were fixed before their p-value was seen and never change when more arrive;
    `next_level` is what the next registered experiment will be tested at.
    """

    levels: Floats
    is_discovery: NDArray[np.bool_]
    next_level: float


def lord(p_values: Floats, alpha: float = 0.10, start_wealth: float | None = None) -> Discoveries:
    """Return the LORD++ levels and claims of `p_values` (n,), in order of registration.

    The expected share of false claims among all claims so far stays at or below `alpha` for
    independent p-values (Ramdas, Yang, Wainwright & Jordan 2017). `start_wealth`, by default a
    tenth of alpha, is spent before the first claim. A NaN, an experiment that never answered,
    counts as 1: registering it cost its level. `DataError` for a p-value outside 0 to 1,
    `SettingsError` unless 0 < start_wealth < alpha < 1.
    """
    p, wealth = _checked(p_values), _wealth(alpha, start_wealth, alpha / 10.0)
    gamma = lord_gamma(len(p) + 1)

    def level(at: int, claims: list[int]) -> float:
        return wealth * float(gamma[at]) + _rewards(
            gamma, [at - 1 - claim for claim in claims], wealth, alpha
        )

    return _stream(p, level)


def saffron(
    p_values: Floats,
    alpha: float = 0.10,
    start_wealth: float | None = None,
    candidate: float = 0.5,
) -> Discoveries:
    """Return the SAFFRON levels and claims of `p_values` (n,), in order of registration.

    As `lord`, but a p-value at or below `candidate` costs nothing, so it claims more where much is
    real; where nothing is, it claims about as little. `start_wealth` is half of alpha by default
    (Ramdas, Zrnic, Wainwright & Jordan 2018).
    """
    if not 0.0 < candidate < 1.0:
        raise SettingsError(f"candidate must be between 0 and 1, {candidate} was asked")
    p, wealth = _checked(p_values), _wealth(alpha, start_wealth, alpha / 2.0)
    gamma = saffron_gamma(len(p) + 1)
    # How many of those before each place were no candidates: only they use up the sequence.
    paid = np.concatenate([[0], np.cumsum(p > candidate)]).tolist()

    def level(at: int, claims: list[int]) -> float:
        spent = wealth * float(gamma[paid[at]])
        places = [paid[at] - paid[claim + 1] for claim in claims]
        return min(candidate, (1.0 - candidate) * (spent + _rewards(gamma, places, wealth, alpha)))

    return _stream(p, level)


def lord_gamma(count: int) -> Floats:
    """Return (count,): the share of wealth for the first, second, ... test, 0.976 in all.

    Proportional to log(max(j, 2)) / (j exp(sqrt(log j))) (Javanmard & Montanari 2018).
    """
    j = np.arange(1, count + 1, dtype=np.float64)
    return np.asarray(LORD_SCALE * np.log(np.maximum(j, 2.0)) / (j * np.exp(np.sqrt(np.log(j)))))


def saffron_gamma(count: int) -> Floats:
    """Return (count,): proportional to j to the power -1.6, 1 in all (Ramdas et al. 2018)."""
    return np.asarray(SAFFRON_SCALE / np.arange(1, count + 1, dtype=np.float64) ** 1.6)


def _rewards(gamma: Floats, places: list[int], wealth: float, alpha: float) -> float:
    """Return what past claims lend: the first pays alpha less the start, each later one alpha."""
    if not places:
        return 0.0
    first = (alpha - wealth) * float(gamma[places[0]])
    return first + alpha * float(gamma[places[1:]].sum())


def _stream(p: Floats, level: Callable[[int, list[int]], float]) -> Discoveries:
    levels, claims = np.zeros(len(p)), list[int]()
    for at in range(len(p)):
        levels[at] = level(at, claims)
        if p[at] <= levels[at]:
            claims.append(at)
    found = np.zeros(len(p), dtype=np.bool_)
    found[claims] = True
    return Discoveries(levels, found, level(len(p), claims))


def _checked(p_values: Floats) -> Floats:
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1:
        raise DataError(f"p-values must be one series, found an array of shape {p.shape}")
    filled = np.where(np.isnan(p), 1.0, p)
    if ((filled < 0.0) | (filled > 1.0)).any():
        worst = filled[(filled < 0.0) | (filled > 1.0)][0]
        raise DataError(f"a p-value must be between 0 and 1, found {worst:g}")
    return filled


def _wealth(alpha: float, asked: float | None, usual: float) -> float:
    wealth = usual if asked is None else asked
    if not 0.0 < wealth < alpha < 1.0:
        raise SettingsError(
            "start_wealth must be above 0 and below alpha, and alpha below 1, "
            f"{wealth:g} and {alpha:g} were asked"
        )
    return wealth
