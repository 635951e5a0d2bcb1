"""Measure the gate's own error rates on families whose truth is known."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assay.core.ids import digest
from assay.evaluation.gate.calibration import World, count_promoted, interval, upper_bound
from assay.evaluation.gate.contract import Tier
from assay.evaluation.gate.judge import VERSION, checks
from assay.evaluation.gate.profile import Profile, profile_of
from assay.workflows.calibrating_kept import STATISTICS, carry_on, kept
from assay.workflows.desk import Tick, silent
from assay.workflows.executors.contract import Executor, Work
from assay.workflows.experiments import built

BATCH = "assay.workflows.calibrating:batch"
BARS = {
    "noise": "Judging noise",
    "variant": "Judging other kinds of noise",
    "power": "Judging planted skill",
}
FIRST_SEED = 1_000_000
"""Far from small seeds: thresholds that were tried on those are judged by families unseen."""
CELLS_A_BATCH = 1_500
"""Trials that one batch judges: some seconds, which is what a kill can cost."""
MOST_NOISE, MOST_UPPER = 0.05, 0.08
LEAST_POWER = {1.5: 0.50, 2.0: 0.85}
"""At least so much power over six years, by the true annual Sharpe ratio."""
GOAL_YEARS = 6.0
SHARPES = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
SPANS_YEARS = (3.0, 6.0, 10.0)
FEW_TRIALS = 30
VARIANTS: Mapping[str, World] = {
    "days correlated by 0.1": World(memory=0.1),
    "3 years": World(years=3.0),
    "one idea, 300 trials": World(ideas=1),
    "300 ideas, a trial each": World(ideas=300),
}
_CODE = ("gate/statistics", "statistics")
_BESIDE = ("calibration", "contract", "said")
"""Folders and files of `evaluation` that the checks of returns alone depend on."""


@dataclass(frozen=True, slots=True)
class Point:
    """How many families of one world are judged, and what they are there for.

    `what` is "noise", "variant" or "power".
    """

    what: str
    name: str
    world: World
    families: int


def points(*, full: bool) -> tuple[Point, ...]:
    """Return what is measured: all of it, or in a few minutes what the goals are about."""
    variants = [Point("variant", name, w, 100 if full else 20) for name, w in VARIANTS.items()]
    power = [
        Point("power", "", World(FEW_TRIALS, ideas, years, true_sharpe=sharpe), 200)
        for ideas in (10, 30)
        for years in SPANS_YEARS
        for sharpe in SHARPES
        if full or (years == GOAL_YEARS and sharpe in LEAST_POWER)
    ]
    return (Point("noise", "noise", World(), 1_000 if full else 100), *variants, *power)


def calibrate(
    home: Path,
    executor: Executor,
    asked: Sequence[Point],
    *,
    profile: str = "standard",
    seed: int = FIRST_SEED,
    tick: Tick = silent,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Return how often families of `asked` were promoted, as plain data; see `summary`.

    Batches that were judged before by the same checks with the same thresholds are taken from
    `<home>/calibration`, never judged again; new ones are kept there as they finish, apart from
    every ledger of trials: what is tried here counts in no family of experiments.
    """
    mark = _mark(profile_of(profile))
    wanted = {
        _key(mark, point.world, first, count): (point, first, count)
        for point in asked
        for first, count in _batches(point, seed)
    }
    works = [
        (BARS[point.what], Work(key, BATCH, _arguments(point.world, first, count, profile)))
        for key, (point, first, count) in wanted.items()
    ]
    with kept(home, STATISTICS) as rows:
        carry_on(rows, works, executor, tick=tick, stop=stop)
        found = {key: rows.found[key] for key in wanted if key in rows.found}
    return summary(asked, {k: wanted[k][0] for k in found}, found, profile=profile, seed=seed)


def batch(
    *, world: Mapping[str, Any], first_seed: int, families: int, profile: str
) -> dict[str, Any]:
    """Return in how many of these families a trial without skill was promoted, one with skill."""
    seeds = range(first_seed, first_seed + families)
    false, found = count_promoted(World(**world), seeds, profile_of(profile))
    return {"families": families, "false": false, "found": found}


def summary(
    asked: Sequence[Point],
    point_of: Mapping[str, Point],
    found: Mapping[str, Mapping[str, Any]],
    *,
    profile: str,
    seed: int,
) -> dict[str, Any]:
    """Return rates with their 95 % bounds (Clopper & Pearson 1934), and the goals beside them.

    `noise_pass_rate` is None where nothing was judged yet; `families_wanted` is what was asked
    for, so that what was stopped early can be told from what is whole.
    """
    told = []
    for point in asked:
        own = [found[key] for key, each in point_of.items() if each is point]
        sums = {n: sum(int(row[n]) for row in own) for n in ("families", "false", "found")}
        if sums["families"]:
            told.append((point, sums))
    noise = next((rate(s["false"], s["families"]) for p, s in told if p.what == "noise"), None)
    power = [
        {
            **{n: getattr(p.world, n) for n in ("true_sharpe", "years", "trials", "ideas")},
            **rate(s["found"], s["families"]),
            "false_rate": s["false"] / s["families"],
        }
        for p, s in told
        if p.what == "power"
    ]
    known = {
        "noise_pass_rate": noise and noise["rate"],
        "noise_pass_upper": noise and noise["upper"],
        "power": power,
    }
    return known | {
        "noise": noise,
        "noise_world": asdict(next((p.world for p in asked if p.what == "noise"), World())),
        "variants": [
            {"name": p.name, **asdict(p.world), **rate(s["false"], s["families"])}
            for p, s in told
            if p.what == "variant"
        ],
        "goals": goals(known),
        "families": sum(s["families"] for _, s in told),
        "families_wanted": sum(point.families for point in asked),
        "seconds": sum(float(row["seconds"]) for row in found.values()),
        "seed": seed,
        **circumstances(profile, returns_alone=True),
    }


def goals(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the gate is held to, what was measured, and whether it holds."""
    told = []
    for what, value, limit in (
        ("noise_pass_rate", found["noise_pass_rate"], MOST_NOISE),
        ("noise_pass_upper", found["noise_pass_upper"], MOST_UPPER),
    ):
        if value is not None:
            told.append({"what": what, "value": value, "most": limit, "held": value <= limit})
    for one in found["power"]:
        least = LEAST_POWER.get(one["true_sharpe"])
        if least is not None and one["years"] == GOAL_YEARS:
            what = f"power at {one['true_sharpe']:g} over {one['years']:g} years, "
            what += f"{one['trials']} trials of {one['ideas']} ideas"
            held = one["rate"] >= least
            told.append({"what": what, "value": one["rate"], "least": least, "held": held})
    return told


def rate(passed: int, families: int) -> dict[str, Any]:
    """Return a rate with its two-sided 95 % interval and its one-sided upper 95 % bound."""
    low, high = interval(passed, families)
    return {
        "families": families,
        "passed": passed,
        "rate": passed / families,
        "low": low,
        "high": high,
        "upper": upper_bound(passed, families),
    }


_NUMBERS = ("python", "numpy", "scipy", "numba", "polars")


def circumstances(profile: str, *, returns_alone: bool) -> dict[str, Any]:
    """Return which gate was measured, with which libraries; see `thresholds_mark`."""
    return {
        "profile": profile,
        "gate_version": VERSION,
        "thresholds_digest": thresholds_mark(profile_of(profile), returns_alone=returns_alone),
        "code_version": built.code_version(),
        "libraries": {n: v for n, v in built.libraries().items() if n in _NUMBERS},
    }


def thresholds_mark(profile: Profile, *, returns_alone: bool) -> str:
    """Return the SHA-256 of the gate's version and of what its checks are held to.

    Of all checks, or of those that are asked of returns alone.
    """
    asked = [
        [tier, name, repr(check)]
        for tier, name, check in checks(profile, tuple(Tier))
        if check.of_returns or not returns_alone
    ]
    return digest([VERSION, asked])


def _mark(profile: Profile) -> str:
    """Return the SHA-256 of what the rates depend on: thresholds, and the code of the checks."""
    return digest([thresholds_mark(profile, returns_alone=True), _source_mark()])


@cache
def _source_mark() -> str:
    made = hashlib.sha256()
    root = Path(__file__).parents[1] / "evaluation"
    files = [root / "gate" / f"{name}.py" for name in _BESIDE]
    for folder in _CODE:
        files += sorted((root / folder).rglob("*.py"))
    for file in files:
        name = file.relative_to(root).as_posix()
        made.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return made.hexdigest()


def _batches(point: Point, seed: int) -> Iterator[tuple[int, int]]:
    """Yield first seed and number of families: the same however many are wanted, but the last."""
    size = max(1, CELLS_A_BATCH // point.world.trials)
    for first in range(0, point.families, size):
        yield seed + first, min(size, point.families - first)


def _arguments(world: World, first: int, count: int, profile: str) -> dict[str, Any]:
    return {"world": asdict(world), "first_seed": first, "families": count, "profile": profile}


def _key(mark: str, world: World, first: int, count: int) -> str:
    return digest([mark, asdict(world), first, count])
