"""Train again what is due, as challengers: a champion gives way to what foretold better."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from assay.core.errors import HistoryError
from assay.core.values.timeframe import Timeframe
from assay.evaluation.drift import Verdict
from assay.evaluation.splits import SplitPlan
from assay.fusion.fitted import FittedFusion
from assay.store.artefacts import ArtefactRow, Artefacts
from assay.workflows.champions import Champions, ground_of
from assay.workflows.desk import Desk, Tick, Watch, silent, unwatched
from assay.workflows.fits import Fits, fit_members
from assay.workflows.gather import Prepared, Series, moment_of
from assay.workflows.learn import DEFAULT_MEMBERS, Voice, plans_of
from assay.workflows.monitoring import Monitored, monitored
from assay.workflows.promoting import judge_members
from assay.workflows.train import fuse, split_of
from assay.workflows.tuning import Start

SAME_BARS = (
    "no bar came since it was fitted, and of many versions tried on the same outcomes the luckiest "
    "would stand; assay train fits what has changed"
)


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a series has to be trained again, and why or why not."""

    series: Series
    reason: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class Retrained:
    """What a retraining did: who was due, who was trained, and who is heard from now on.

    `grown` says of each new artefact what it went on from, or why it was fitted anew; `monitors`
    how the champions did on bars that came after them.
    """

    due: tuple[Due, ...]
    monitors: tuple[Monitored, ...]
    members: tuple[ArtefactRow, ...] = ()
    reused: int = 0
    grown: Mapping[str, Start | str] | None = None
    fusions: tuple[FittedFusion, ...] = ()
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "due": [
                {"series": str(each.series), "is_due": each.is_due, "reason": each.reason}
                for each in self.due
            ],
            "monitors": [each.to_json() for each in self.monitors],
            "members": [
                {
                    "artefact": row.id,
                    "member": row.member,
                    "timeframe": row.timeframe,
                    "symbols": row.symbols,
                    "simulated": row.simulated,
                    **_told(None if self.grown is None else self.grown.get(row.id)),
                }
                for row in self.members
            ],
            "reused": self.reused,
            "contests": contests_in(self.fusions),
            "fusions": [
                {
                    "artefact": each.id,
                    "symbol": each.symbol,
                    "timeframe": each.timeframe,
                    "evidence": each.evidence,
                    "p_value": each.proof.p_value,
                }
                for each in self.fusions
            ],
            "problems": list(self.problems),
        }


def retrain(
    desk: Desk,
    symbols: Sequence[str] = (),
    timeframes: Sequence[Timeframe] = (),
    *,
    members: Sequence[str] = DEFAULT_MEMBERS,
    every: timedelta | None = None,
    fine_tune: bool | None = None,
    force: bool = False,
    plan_only: bool = False,
    split: SplitPlan | None = None,
    tick: Tick = silent,
    watch: Watch = unwatched,
) -> Retrained:
    """Train the series that are due again, let each challenger meet its champion, and fuse anew.

    Due is what has not learned from the last `every` (`desk.retrain_days` if None) of its bars,
    what its monitors find broken, and what was never trained; with `force` all that got any bar
    since it was fitted, for of many versions tried on the same outcomes the luckiest would stand;
    with `plan_only` it is only said. A member's panel is trained as a whole, so one series that is
    due takes along those of its timeframe. With `fine_tune` (`desk.fine_tune` if None) a member
    goes on from its champion's weights where it may; either way the result is a new artefact, which
    the gate judges anew. For each series the better of champion and challenger, on the newest
    outcomes that neither has learned from, is heard from now on; see `fusion.rivals`. Stopped
    before that, the champions go on, and the same command goes on where it was.
    """
    ground = ground_of(desk, symbols, timeframes, tick)
    wanted, prepared, known = ground.wanted, ground.prepared, ground.known
    monitors = tuple(monitored(desk, prepared, known, only=wanted, tick=tick))
    days = every or timedelta(days=desk.retrain_days)
    due = _due([s for s in wanted if s in prepared], prepared, known, monitors, days, force=force)
    frames = {each.series.timeframe for each in due if each.is_due}
    if not plan_only:
        _judge_the_unjudged(desk, known)
    if plan_only or not frames:
        return Retrained(due, monitors, problems=(*ground.problems, *known.problems))
    chosen = {s: item for s, item in prepared.items() if s in wanted and s.timeframe in frames}
    plan, tuned = split or split_of(desk), desk.fine_tune if fine_tune is None else fine_tune
    fits = fit_members(
        desk,
        chosen,
        plans_of(members),
        plan,
        champion_of=known.before if tuned else None,
        tick=tick,
        watch=watch,
    )
    if not fits.voices:
        raise HistoryError(fits.problems[0] if fits.problems else "There is nothing to train on")
    field = _Field(known, fits)
    problems = [*ground.problems, *known.problems, *fits.problems]
    fusions = fuse(desk, prepared, field.voices_of, plan, problems, tick, field.rivals_of)
    met = {c.champion for fitted in fusions for c in fitted.contests}
    judge_members(desk, [*fits.rows, *(known.rows[each] for each in sorted(met))])
    return Retrained(
        due, monitors, fits.rows, fits.reused, fits.grown, tuple(fusions), tuple(problems)
    )


def contests_in(fusions: Sequence[FittedFusion]) -> list[dict[str, Any]]:
    """Return every contest that these fusions were fitted after, as plain data."""
    return [
        {
            "series": f"{fitted.symbol} {fitted.timeframe}",
            "member": contest.member,
            "timeframe": contest.timeframe,
            "champion": contest.champion,
            "challenger": contest.challenger,
            **asdict(contest.found),
        }
        for fitted in fusions
        for contest in fitted.contests
    ]


@dataclass(frozen=True, slots=True)
class _Field:
    """Champions and challengers, met on each series."""

    known: Champions
    fits: Fits

    def voices_of(self, series: Series) -> Sequence[Voice]:
        """Return who is heard on `series`: its champions, and the challengers that cover them."""
        own = [self.known.voices[producer.artefact] for producer in self.known.of(series)]
        every = {voice.artefact: voice for voice in [*own, *self._fresh(series)]}
        return list(every.values())

    def rivals_of(self, series: Series) -> Sequence[tuple[str, str]]:
        """Return champion and challenger of each member and timeframe heard on `series`."""
        fresh = {(voice.member, voice.timeframe): voice.artefact for voice in self._fresh(series)}
        pairs = [
            (producer.artefact, fresh.get((producer.member, producer.timeframe)))
            for producer in self.known.of(series)
        ]
        return [(one, other) for one, other in pairs if other is not None and one != other]

    def _fresh(self, series: Series) -> list[Voice]:
        """Return the challengers that say something of the instrument of `series`."""
        return [
            voice
            for voice in self.fits.voices
            if Series(series.symbol, voice.timeframe) in voice.series
        ]


def _due(
    wanted: Sequence[Series],
    prepared: Mapping[Series, Prepared],
    known: Champions,
    monitors: Sequence[Monitored],
    every: timedelta,
    *,
    force: bool,
) -> tuple[Due, ...]:
    found = {each.series: each for each in monitors}
    said = []
    for series in wanted:
        reason = _reason(series, prepared[series], known, found.get(series), every, force=force)
        age = _age(prepared[series], known, series)
        left = f"{age.days} of {every.days} days of bars came since it was fitted"
        if force and age <= timedelta(0):
            left = SAME_BARS
        said.append(Due(series, reason or left, is_due=reason is not None))
    return tuple(said)


def _reason(
    series: Series,
    item: Prepared,
    known: Champions,
    watched: Monitored | None,
    every: timedelta,
    *,
    force: bool,
) -> str | None:
    """Return why a series has to be trained again, None if it has not."""
    if series not in known.fusions:
        return "it was never trained"
    if not known.of(series):
        return "no model of it can serve any more"
    age = _age(item, known, series)
    if age <= timedelta(0):
        return None
    if force:
        return "it was asked for"
    if age >= every:
        return f"{age.days} days of bars came since it was fitted, {every.days} are allowed"
    if watched is not None and watched.verdict is Verdict.DRIFTED:
        return watched.sentence
    return None


def _age(item: Prepared, known: Champions, series: Series) -> timedelta:
    """Return how far the bars go beyond those that the fusion of a series was fitted on."""
    fitted = known.fusions.get(series)
    return timedelta(0) if fitted is None else item.bars.last_time - moment_of(fitted.last)


def _judge_the_unjudged(desk: Desk, known: Champions) -> None:
    """Put before the gate who is heard and was never judged: a run was stopped just before."""
    registry = Artefacts(desk.database)
    rows = [row for row in known.rows.values() if not registry.verdicts(row.id)]
    if rows:
        judge_members(desk, rows)


def _told(start: Start | str | None) -> dict[str, Any]:
    if isinstance(start, Start):
        return {"went_on_from": start.artefact, "fitted_anew": None}
    return {"went_on_from": None, "fitted_anew": start}
