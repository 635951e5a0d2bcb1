"""The walk-forward backtest of the whole chain, each fold refitted from its own past."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from assay.core.errors import HistoryError
from assay.core.ids import digest
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import Fold, SplitPlan, walk_forward
from assay.llm.catalog import PROVIDERS
from assay.llm.contract import Provider
from assay.risk.settings import RiskSettings
from assay.store.reports import Reports
from assay.store.trials import Trials
from assay.workflows.again import NAMESPACE
from assay.workflows.book import Book, book_of
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.fits import fingerprint
from assay.workflows.gather import CLASS_LABEL, Prepared, Series, moment_of, prepare_all
from assay.workflows.issue import risk_settings
from assay.workflows.learn import (
    DEFAULT_MEMBERS,
    MemberPlan,
    Voice,
    in_threads,
    learn_fold,
    plans_of,
)
from assay.workflows.measure import report_of
from assay.workflows.replay import Replayed, replay_fold
from assay.workflows.train import stored_series


@dataclass(frozen=True, slots=True)
class Backtest:
    """A finished backtest: the report as plain data, and the trial it is counted under."""

    report: Mapping[str, Any]
    trial: str
    prepared: Mapping[Series, Prepared]
    folds: tuple[Fold, ...]
    replays: tuple[Replayed, ...]


def backtest(
    desk: Desk,
    symbols: Sequence[str] = (),
    timeframe: Timeframe | None = None,
    *,
    members: Sequence[str] = DEFAULT_MEMBERS,
    split: SplitPlan | None = None,
    referee: bool = True,
    tick: Tick = silent,
) -> Backtest:
    """Decide on `timeframe` (the shortest stored by default), hear every longer one, and trade.

    Each fold fits members and fusion anew on its own past; the analyst's embedded rules judge every
    decision that would trade, unless `referee` is off. The run is registered as a trial before it
    begins, whatever becomes of it; its report is kept, for `workflows.again`.
    """
    plan = split or SplitPlan()
    wanted = stored_series(desk, symbols, ())
    chosen = timeframe or min((s.timeframe for s in wanted), key=lambda t: t.minutes)
    heard = [s for s in wanted if s.timeframe.minutes >= chosen.minutes]
    if not any(s.timeframe is chosen for s in heard):
        stored_series(desk, symbols, (chosen,))
    short: list[str] = []
    prepared = prepare_all(desk, heard, problems=short, tick=tick)
    if not any(series.timeframe is chosen for series in prepared):
        raise HistoryError(short[0])
    return backtest_prepared(
        desk,
        prepared,
        chosen,
        members=members,
        split=plan,
        referee=referee,
        left_out=short,
        tick=tick,
    )


def backtest_prepared(
    desk: Desk,
    prepared: Mapping[Series, Prepared],
    chosen: Timeframe,
    *,
    members: Sequence[str] = DEFAULT_MEMBERS,
    split: SplitPlan | None = None,
    referee: bool = True,
    left_out: Sequence[str] = (),
    settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    tick: Tick = silent,
) -> Backtest:
    """Run the backtest on series that are ready; see `backtest`.

    `settings` are members' further ones, by name.
    """
    plan = split or SplitPlan()
    deciding = {series: item for series, item in prepared.items() if series.timeframe is chosen}
    trials = Trials(desk.database)
    plans = plans_of(members, settings=settings)
    tried = {
        "symbols": sorted(s.symbol for s in deciding),
        "timeframe": chosen,
        "heard": sorted(str(s) for s in prepared),
        "members": members,
        "settings": {made.name: made.make().settings() for made in plans},
        "label": CLASS_LABEL,
        "folds": plan.folds,
        "tested": plan.tested,
        "shares": plan.shares,
        "referee": referee,
        "risk": risk_settings(desk).plain(),
        **{
            f"{name}_days": value.days
            for name, value in (("every", plan.every), ("window", plan.window))
            if value is not None
        },
    }
    trial = trials.start(
        NAMESPACE,
        tried,
        data_fingerprint=digest([fingerprint(item) for item in prepared.values()]),
        seed=desk.seed,
        at=desk.clock.now(),
    )
    try:
        folds, replays, book = _run(desk, prepared, deciding, plans, plan, tick, referee=referee)
        report = report_of(desk, prepared, folds, replays, book, chosen, trial.id, left_out)
        kept = Reports(desk.reports).write(trial.id, report)
    except KeyboardInterrupt:
        trials.abort(trial.id, reason="stopped by a person", at=desk.clock.now())
        raise
    except Exception as error:
        trials.fail(trial.id, reason=str(error) or type(error).__name__, at=desk.clock.now())
        raise
    trials.finish(
        trial.id,
        metrics=report["performance"],
        results_digest=kept,
        at=desk.clock.now(),
    )
    return Backtest(report, trial.id, prepared, folds, tuple(replays))


def _run(
    desk: Desk,
    prepared: Mapping[Series, Prepared],
    deciding: Mapping[Series, Prepared],
    plans: Sequence[MemberPlan],
    plan: SplitPlan,
    tick: Tick,
    *,
    referee: bool,
) -> tuple[tuple[Fold, ...], list[Replayed], Book]:
    folds = folds_of(list(deciding.values()), plan)
    provider = PROVIDERS.get("rules")() if referee else None
    stories = {
        series: desk.scored_stories(
            item.instrument, simulated=desk.is_simulated(series.symbol, series.timeframe)
        )
        for series, item in deciding.items()
    }
    settings, replays = risk_settings(desk), []
    for fold in folds:
        learned = learn_fold(
            prepared,
            fold,
            plans,
            plan,
            seed=desk.seed,
            threads=desk.jobs,
            device=desk.device,
            tick=tick,
            what=f"Fold {fold.number} of {len(folds)}: fitting",
        )
        voices = [Voice.of(each) for each in learned]
        del learned
        decide = _decider(prepared, voices, fold, plan, settings, stories, provider)
        done = in_threads(decide, list(deciding.values()), desk.jobs)
        for number, found in enumerate(done, 1):
            if found is not None:
                replays.append(found)
            tick(f"Fold {fold.number} of {len(folds)}: deciding", number, len(deciding))
        del voices
    if not replays:
        raise HistoryError(
            "No instrument has enough history before a test span; import more, or ask for fewer "
            "folds"
        )
    return folds, replays, book_of(prepared, replays)


def _decider(
    prepared: Mapping[Series, Prepared],
    voices: Sequence[Voice],
    fold: Fold,
    plan: SplitPlan,
    settings: RiskSettings,
    stories: Mapping[Series, pl.DataFrame | None],
    provider: Provider | None,
) -> Callable[[Prepared], Replayed | None]:
    """Return what replays one instrument over the fold's test span."""

    def decide(item: Prepared) -> Replayed | None:
        return replay_fold(
            item,
            prepared,
            voices,
            fold,
            plan,
            settings,
            stories=stories[item.series],
            provider=provider,
        )

    return decide


def folds_of(items: Sequence[Prepared], plan: SplitPlan) -> tuple[Fold, ...]:
    """Return the walk-forward folds over the history that the instruments have between them."""
    first = min(int(item.time[0]) for item in items)
    last = max(int(item.time[-1]) for item in items)
    return walk_forward(moment_of(first), moment_of(last), plan)
