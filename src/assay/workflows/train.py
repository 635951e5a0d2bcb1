"""Train members for live use, write their artefacts, and fit the fusion that pools them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from types import MappingProxyType
from typing import Any

from assay.core.errors import HistoryError, NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.evaluation.gate.artefact import LEVEL
from assay.evaluation.splits import Fold, Part, SplitPlan, live_fold
from assay.fusion.fit import fit as fit_fusion
from assay.fusion.fitted import FittedFusion
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.store.files import write_atomic
from assay.workflows.desk import Desk, Tick, Watch, silent, unwatched
from assay.workflows.fits import fit_members
from assay.workflows.gather import Prepared, Series, prepare_all
from assay.workflows.learn import (
    DEFAULT_MEMBERS,
    Voice,
    answers_of,
    in_threads,
    middle_begin,
    plans_of,
)
from assay.workflows.pooling import Answers, history_of
from assay.workflows.promoting import judge_members

FUSION = "fusion"


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training run left: artefacts by series, those that were there already, and refusals.

    `fusions` holds one fitted fusion a series that can be decided on; `problems` one sentence for
    each member that could not be fitted, and why. `seconds` is how long the members took.
    """

    members: tuple[ArtefactRow, ...]
    reused: int
    fusions: tuple[FittedFusion, ...]
    problems: tuple[str, ...]
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "members": [
                {
                    "artefact": row.id,
                    "member": row.member,
                    "family": row.family,
                    "timeframe": row.timeframe,
                    "symbols": row.symbols,
                }
                for row in self.members
            ],
            "reused": self.reused,
            "fusions": [
                {
                    "artefact": f.id,
                    "symbol": f.symbol,
                    "timeframe": f.timeframe,
                    "evidence": f.evidence,
                    "p_value": f.proof.p_value,
                    "gain_nats": f.proof.gain,
                    "outcomes": f.effective_outcomes,
                }
                for f in self.fusions
            ],
            "problems": self.problems,
        }


def train(
    desk: Desk,
    symbols: Sequence[str] = (),
    timeframes: Sequence[Timeframe] = (),
    *,
    members: Sequence[str] = DEFAULT_MEMBERS,
    split: SplitPlan | None = None,
    apart: bool = False,
    tick: Tick = silent,
    watch: Watch = unwatched,
) -> Trained:
    """Train every member on every stored series asked for (all of them by default).

    `apart` trains nets for every series by itself instead of one for each timeframe. Without
    `split` all of history is learned from, or the last `desk.history_days` of it.

    An artefact of the same data, settings and spans is not made again, so a run that was stopped
    goes on where it was; one that is damaged or missing is, and its quarantine ends. Members that
    cannot be fitted are named with the reason; if none can, the first reason is raised.
    """
    plan = split or split_of(desk)
    wanted = stored_series(desk, symbols, timeframes)
    short: list[str] = []
    prepared = prepare_all(desk, wanted, problems=short, tick=tick)
    done = train_prepared(
        desk, prepared, members=members, split=plan, apart=apart, tick=tick, watch=watch
    )
    return replace(done, problems=(*short, *done.problems))


def train_prepared(
    desk: Desk,
    prepared: Mapping[Series, Prepared],
    *,
    members: Sequence[str] = DEFAULT_MEMBERS,
    split: SplitPlan | None = None,
    apart: bool = False,
    settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    tick: Tick = silent,
    watch: Watch = unwatched,
) -> Trained:
    """Train on series that are ready; see `train`."""
    plan = split or split_of(desk)
    begun = perf_counter()
    plans = plans_of(members, apart=apart, settings=settings)
    fits = fit_members(desk, prepared, plans, plan, tick=tick, watch=watch)
    seconds = perf_counter() - begun
    problems = list(fits.problems)
    if not fits.voices:
        raise HistoryError(problems[0] if problems else "There is nothing to train on")
    fusions = fuse(desk, prepared, lambda series: fits.voices, plan, problems, tick)
    judge_members(desk, fits.rows)
    return Trained(fits.rows, fits.reused, tuple(fusions), tuple(problems), seconds)


def split_of(desk: Desk) -> SplitPlan:
    """Return how history is cut for live use: on all of it, or on the window that is set."""
    days = desk.history_days
    return SplitPlan(window=timedelta(days=days) if days else None)


def stored_series(
    desk: Desk, symbols: Sequence[str], timeframes: Sequence[Timeframe]
) -> list[Series]:
    """Return the stored series of these symbols and timeframes; none of either means all."""
    asked = {desk.instrument(symbol).symbol for symbol in symbols}
    stored = [Series(info.symbol, info.timeframe) for info in desk.bars.series()]
    found = [
        s
        for s in stored
        if (not asked or s.symbol in asked) and (not timeframes or s.timeframe in timeframes)
    ]
    missing = asked - {s.symbol for s in found}
    if missing or not found:
        what = ", ".join(sorted(missing)) or "anything"
        frames = f" at {', '.join(timeframes)}" if timeframes else ""
        have = ", ".join(str(s) for s in stored[:6]) or "nothing yet"
        raise NotFoundError(f"There are no bars of {what}{frames}; stored: {have}")
    return found


def fuse(
    desk: Desk,
    prepared: Mapping[Series, Prepared],
    voices_of: Callable[[Series], Sequence[Voice]],
    split: SplitPlan,
    problems: list[str],
    tick: Tick,
    rivals_of: Callable[[Series], Sequence[tuple[str, str]]] = lambda series: (),
) -> list[FittedFusion]:
    """Fit and keep the fusion of every series; why one has none is added to `problems`.

    A series hears `voices_of` it, those of other timeframes too.
    Of `rivals_of` a series, pairs of artefacts, the better one is heard (`fusion.rivals`).
    """
    registry = Artefacts(desk.database)
    made = []
    heard: dict[tuple[str, Series], Answers] = {}

    def attempt(item: Prepared) -> tuple[Prepared, Fold, FittedFusion] | HistoryError:
        try:
            fold = live_fold(middle_begin([item]), item.bars.last_time, split)
            answers = hear(voices_of(item.series), prepared, item, heard=heard)
            history = history_of(item, fold.fuse, answers)
            rivals = rivals_of(item.series)
            return item, fold, fit_fusion(history, gate_level=LEVEL, rivals=rivals)
        except HistoryError as error:
            return HistoryError(f"{item.series}: fusion: {error}")

    work = in_threads(attempt, list(prepared.values()), desk.jobs)
    for number, found in enumerate(work, 1):
        if isinstance(found, HistoryError):
            problems.append(str(found))
        else:
            item, fold, fitted = found
            _keep_fusion(
                desk,
                registry,
                fitted,
                fold,
                simulated=desk.is_simulated(item.series.symbol, item.series.timeframe),
            )
            made.append(fitted)
        tick("Fitting fusions", number, len(prepared))
    return made


def hear(
    voices: Sequence[Voice],
    prepared: Mapping[Series, Prepared],
    decision: Prepared,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    heard: dict[tuple[str, Series], Answers] | None = None,
) -> list[Answers]:
    """Return the answers on the decision's instrument of every voice, on every timeframe.

    They begin at `since` (UTC), or where each voice may first be heard, and go on to `until` (UTC),
    or to the end of each timeframe's own bars; what is later than a decision is not heard at it
    (`pooling.moments_of`). `heard` keeps them for the other timeframes of the instrument, where
    they begin and end alike.
    """
    kept = {} if heard is None else heard
    found = []
    for voice in voices:
        series = Series(decision.series.symbol, voice.timeframe)
        if series not in voice.series or series not in prepared:
            continue
        key = voice.artefact, series
        if key not in kept:
            last = prepared[series].bars.last_time
            item, end = prepared[series], last if until is None else until
            kept[key] = answers_of(voice, item, end, since=since)
        found.append(kept[key])
    return found


def _keep_fusion(
    desk: Desk, registry: Artefacts, fitted: FittedFusion, fold: Fold, *, simulated: bool
) -> None:
    write_atomic(desk.models / FUSION / f"{fitted.id}.json", fitted.to_json().encode())
    row = ArtefactRow(
        id=fitted.id,
        kind=ArtefactKind.FUSION,
        member=FUSION,
        family=FUSION,
        timeframe=fitted.timeframe,
        symbols=(fitted.symbol,),
        made_at=desk.clock.now(),
        spans={str(Part.FUSE): fold.fuse.to_json()},
        path=f"{FUSION}/{fitted.id}.json",
        simulated=simulated,
    )
    if not registry.add(row):
        registry.renew(row.id, row.made_at)
