"""History cut for an experiment: once, as a walk forward, or in every combination of groups."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from assay.core.errors import HistoryError, SettingsError
from assay.evaluation.combinatorial import INSTANT, equal_groups, parts_around
from assay.evaluation.splits import Fold, Part, Span, SplitPlan, walk_forward

MOST_CUTS = 1_000
"""Every cut fits every member once; more are a slip of the pen."""


class CutKind(StrEnum):
    """How the tests lie in history."""

    CHRONOLOGICAL = "chronological"
    ROLLING = "rolling"
    EXPANDING = "expanding"
    COMBINATORIAL = "combinatorial"


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to learn from history and be tested on it; `number` counts from 1.

    `parts` maps each part to its spans in the order of time; there is no `Part.TEST` when learning
    for live use. `test_groups` are the numbers (from 0) of the groups of history that are the test
    of a combinatorial cut, and empty for any other. Spans that overlap are a `SettingsError`.
    """

    number: int
    parts: Mapping[Part, tuple[Span, ...]]
    test_groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for part, spans in self.parts.items():
            if not spans or list(spans) != sorted(spans, key=lambda span: span.start):
                raise SettingsError(
                    f"Cut {self.number}: {part} needs one span or more in the order of time; "
                    f"found {len(spans)}"
                )
        every = [
            (span.start, span.end, part) for part, spans in self.parts.items() for span in spans
        ]
        for early, late in itertools.pairwise(sorted(every)):
            if late[0] < early[1]:
                raise SettingsError(
                    f"Cut {self.number}: spans may not overlap; found {early[2]} until {early[1]} "
                    f"and {late[2]} from {late[0]}"
                )

    @classmethod
    def of(cls, fold: Fold) -> "Cut":
        """Return a step of a walk forward as a cut, one span a part."""
        return cls(fold.number, {part: (span,) for part, span in fold.spans.items()})


@dataclass(frozen=True, slots=True)
class CutPlan:
    """How history is cut.

    `shares` of what is learned from go to train, stop, calibrate and fuse, in that order; `embargo`
    is the time left out between parts and after a test (at least the longest label). The last
    `tested` of history is tested at once (chronological) or in `folds` of equal length (rolling,
    expanding). Combinatorial instead tests every choice of `test_groups` out of `groups` equal
    ones: 10 and 2 are 45 cuts and 9 paths.
    """

    kind: CutKind = CutKind.EXPANDING
    folds: int = 4
    tested: float = 0.5
    shares: tuple[float, float, float, float] = (0.50, 0.08, 0.12, 0.30)
    embargo: timedelta = timedelta(days=2)
    groups: int = 10
    test_groups: int = 2

    def __post_init__(self) -> None:
        if self.embargo < timedelta():
            raise SettingsError(f"An embargo is no negative time; found {self.embargo}")
        SplitPlan(self.folds, self.tested, self.shares, self.embargo)
        # NaN passes no comparison, so the sum alone would let it through
        if not all(math.isfinite(share) for share in self.shares) or len(self.shares) != 4:
            raise SettingsError(f"Four shares of the past must be numbers; found {self.shares}")
        if not 1 <= self.test_groups < self.groups:
            raise SettingsError(
                f"Some groups are tested and at least one is left to learn from; "
                f"found {self.test_groups} tested of {self.groups}"
            )
        many = math.comb(self.groups, self.test_groups)
        if self.kind is CutKind.COMBINATORIAL and many > MOST_CUTS:
            raise SettingsError(
                f"{self.test_groups} tested of {self.groups} groups are {many:,} cuts, more than "
                f"{MOST_CUTS:,}; ask for fewer groups or test fewer of them"
            )


def cuts(start: datetime, end: datetime, plan: CutPlan) -> tuple[Cut, ...]:
    """Return the cuts of `plan` over history from `start` to `end` (aware), in order of number.

    Ends without a time zone or in the wrong order are a `SettingsError`, too short a history is a
    `HistoryError`.
    """
    if start.tzinfo is None or end.tzinfo is None or end <= start:
        raise SettingsError(
            f"History is cut between two times with a zone, the earlier first; "
            f"found {start} and {end}"
        )
    made = {
        CutKind.CHRONOLOGICAL: chronological,
        CutKind.ROLLING: rolling,
        CutKind.EXPANDING: expanding,
        CutKind.COMBINATORIAL: combinatorial,
    }[plan.kind]
    # a local zone would add days, not hours, across a change of clocks
    return made(start.astimezone(UTC), end.astimezone(UTC), plan)


def chronological(start: datetime, end: datetime, plan: CutPlan) -> tuple[Cut]:
    """Return the one cut whose test is the last `plan.tested` of history (ends UTC)."""
    (cut,) = _walked(start, end, plan, folds=1, grows=True)
    return (cut,)


def rolling(start: datetime, end: datetime, plan: CutPlan) -> tuple[Cut, ...]:
    """Return a walk forward that learns from a past as long as the first test had (ends UTC)."""
    return _walked(start, end, plan, folds=plan.folds, grows=False)


def expanding(start: datetime, end: datetime, plan: CutPlan) -> tuple[Cut, ...]:
    """Return a walk forward that learns from all of history before each test (ends UTC)."""
    return _walked(start, end, plan, folds=plan.folds, grows=True)


def _walked(
    start: datetime, end: datetime, plan: CutPlan, *, folds: int, grows: bool
) -> tuple[Cut, ...]:
    length = (end - start) * plan.tested / folds
    if length - plan.embargo < max(2 * plan.embargo, INSTANT):
        raise HistoryError(
            f"{(end - start).days} days of history are too few: a test of {length} is left, but "
            f"the embargo alone takes {plan.embargo}; import more bars or ask for fewer folds"
        )
    split = SplitPlan(folds, plan.tested, plan.shares, plan.embargo, grows)
    return tuple(Cut.of(fold) for fold in walk_forward(start, end, split))


def combinatorial(start: datetime, end: datetime, plan: CutPlan) -> tuple[Cut, ...]:
    """Return a cut for every choice of test groups, the earliest groups first (ends UTC).

    Combinatorial purged cross-validation (López de Prado 2018, chapter 12); `parts_around` says
    what is learned from. Most cuts learn from what came after a test too: they say how a result
    varies over histories, not what could have been traded.
    """
    groups = equal_groups(start, end, plan.groups)
    choices = itertools.combinations(range(plan.groups), plan.test_groups)
    return tuple(
        Cut(number, parts_around(groups, tested, plan.shares, plan.embargo), tested)
        for number, tested in enumerate(choices, 1)
    )


def paths(cuts: Sequence[Cut]) -> tuple[tuple[int, ...], ...]:
    """Return the backtest paths of combinatorial cuts: `paths[p][g]` is a cut's number.

    That cut supplies the test of group `g` on path `p`, both from 0. With N groups and k of them
    tested there are k / N * C(N, k) paths, each a whole history; every test of a group by a cut is
    on exactly one (López de Prado 2018, section 12.4). Cuts that are not combinatorial, or not
    all of them, are a `SettingsError`.
    """
    testing: dict[int, list[int]] = {}
    for cut in cuts:
        for group in cut.test_groups:
            testing.setdefault(group, []).append(cut.number)
    groups, choices = len(testing), {cut.test_groups for cut in cuts}
    sizes = {len(choice) for choice in choices}
    whole = len(sizes) == 1 and 0 < min(sizes) < groups
    whole = whole and len(choices) == len(cuts) == math.comb(groups, min(sizes))
    if not whole or set(testing) != set(range(groups)):
        raise SettingsError(
            f"Paths need the cut of every choice of test groups, once each; found {len(cuts)} cuts "
            f"with {len(choices)} choices out of {groups} groups"
        )
    return tuple(zip(*(testing[group] for group in range(groups)), strict=True))
