"""What the gate is: evidence of a trial in, findings and a verdict out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.statistics.sharpe import annualised, sharpe_ratio
from assay.evaluation.statistics.trials import Clusters, cluster_trials

Floats = NDArray[np.float64]
Days = NDArray[np.int64]


class Verdict(IntEnum):
    """How far a trial may go; the lowest that any finding allows.

    FAIL: something speaks against it. INSUFFICIENT: nothing does, but there is too little to say.
    PAPER: worth trading on paper. PILOT: worth a little money. LIVE: it has earned more.
    """

    FAIL = 0
    INSUFFICIENT = 1
    PAPER = 2
    PILOT = 3
    LIVE = 4

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Tier(StrEnum):
    """The tiers, in the order they are judged; a folder of checks each."""

    REGISTRATION = "registration"
    SANITY = "sanity"
    PERFORMANCE = "performance"
    STATISTICS = "statistics"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says: how far it lets the trial go, and why, in a sentence for a trader.

    `statistic` is what was measured and `threshold` what it is held to; `p_value` of a test, and
    its `power` against a true annual Sharpe ratio of 1; None where there is none. NaN counts as
    none.
    """

    allows: Verdict
    sentence: str
    statistic: float | None = None
    threshold: float | None = None
    p_value: float | None = None
    power: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool | None:
        """Return whether it holds nothing against the trial; None if there was too little."""
        return {Verdict.FAIL: False, Verdict.INSUFFICIENT: None}.get(self.allows, True)


@dataclass(frozen=True, slots=True)
class Beside:
    """The baseline on the same folds: `net` (D,) on the trial's days, `loss` and `weight` (E,).

    NaN on days that the baseline has not.
    """

    name: str
    net: Floats
    loss: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Placebo:
    """The trial refitted R times on outcomes of other days, each time permuted anew.

    `correlations` (R,) are what each refit's lean still had to do with what came in the test, as
    information coefficients; 0 where it leaned nowhere.
    """

    correlations: Floats


@dataclass(frozen=True, slots=True)
class Registration:
    """How the trial stands in the ledger.

    `registered` counts the distinct configurations tried in the family up to now, failed ones and
    the tries of searches too; `order` is its own place among them, from 1. `unseen_runs` are those
    before it that left no returns, `unseen_tries` the tries of searches before it, which never saw
    a test. `earlier` are the p-values of all trials of all
    families that were registered before it, in that order, 1 where a trial never finished.
    `looks` counts looks into the family's lock box.
    """

    family: str
    hypothesis: str
    primary_metric: str
    registered: int
    order: int
    unseen_runs: int
    unseen_tries: int
    earlier: Floats
    looks: int
    folds_wanted: int
    folds_found: int


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known of one trial: D days, S seeds, E days with outcomes.

    `returns` (D, S) by kind are simple daily returns of equity: net, gross (no costs), double
    (costs doubled), delayed (one bar late), optimistic (a bar that reached stop and target won),
    shifted (orders moved by half a test), naive (always the side of climatology), momentum (always
    that of the last move), hold (equal weights held). `scores` (E, S) are daily sums: weight, loss,
    base_loss, moved, hits, rows, edge_came and so on. `inside` (n,) says of outcomes that do not
    overlap whether the outermost quantiles, `nominal` apart, held them. `counts` (S,) by name:
    trades, won, ambiguous, answered, asked. `psi` are population stability indices of the lean
    between the fuse and the test spans, `unexplained` the largest difference between equity and
    fills less costs, of equity. `family` (D, M) are the net returns of the family's finished trials
    on the trial's own days, 0 where one has none, in order of registration, up to the trial itself,
    which is column `own`: alpha is spent in that order. `paths` (P,) are annual Sharpe ratios of
    combinatorial paths, empty without. `is_baseline` says that the trial is the baseline itself,
    and has none `beside` it. `prefix` says whether features stayed when the future arrived, None if
    it was not tried.
    """

    horizon_bars: int
    days_per_year: int
    seeds: tuple[int, ...]
    is_random: bool
    days: Days
    returns: Mapping[str, Floats]
    score_days: Days
    scores: Mapping[str, Floats]
    inside: NDArray[np.int8]
    nominal: float
    counts: Mapping[str, Floats]
    psi: Floats
    unexplained: float
    paths: Floats
    registration: Registration
    family: Floats
    own: int
    beside: Beside | None = None
    placebo: Placebo | None = None
    is_baseline: bool = False
    prefix: bool | None = None
    simulated: bool = False

    @property
    def net(self) -> Floats:
        """Return (D,): the mean over seeds, which is what is judged."""
        return np.asarray(self.returns["net"].mean(axis=1))

    def mean_of(self, kind: str) -> Floats:
        """Return (D,): the returns of a kind, the mean over seeds."""
        return np.asarray(self.returns[kind].mean(axis=1))

    def total(self, name: str) -> Floats:
        """Return (S,): the sum of a score over all days."""
        return np.asarray(self.scores[name].sum(axis=0))

    def sharpe_of(self, kind: str) -> float:
        """Return the annual Sharpe ratio of a kind of returns, NaN where they do not vary."""
        return annualised(sharpe_ratio(self.mean_of(kind)), self.days_per_year)

    @cached_property
    def clusters(self) -> Clusters:
        """Return the family's trials by idea."""
        return cluster_trials(self.family)

    @property
    def own_cluster(self) -> int:
        """Return the number of the idea that the trial belongs to, from 0 in order of trial."""
        return int(self.clusters.cluster[self.own])

    @property
    def place(self) -> int:
        """Return which idea of its family the trial is, from 1; a run without returns is one."""
        return 1 + self.own_cluster + self.registration.unseen_runs

    @property
    def ideas(self) -> int:
        """Return how many ideas were tried: clusters, and each trial without returns as another."""
        told = self.registration
        clusters: int = self.clusters.effective_trials
        return clusters + told.unseen_runs + told.unseen_tries


class Check(ABC):
    """One question the gate asks; its file's name is its name, its folder its tier.

    A frozen dataclass whose fields are its thresholds. It looks at nothing but the evidence, gives
    the same finding for the same evidence, and never a verdict above what it can vouch for.
    `of_returns` says that it looks at returns and the ledger alone.
    """

    of_returns: ClassVar[bool] = False

    @abstractmethod
    def judge(self, evidence: Evidence) -> Finding:
        """Return the finding."""
