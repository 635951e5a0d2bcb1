"""The whole chain over one fold's test span: every bar decided with what was known then."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.analyst.blind import ask_blind
from assay.analyst.brief import OpenBrief
from assay.analyst.referee import ask_referee
from assay.core.calendars.calendar import calendar
from assay.core.errors import HistoryError
from assay.core.ids import digest
from assay.core.values.forecast import Classes, Forecast
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import SealedView, Verdict
from assay.evaluation.gate.artefact import LEVEL
from assay.evaluation.splits import Fold, SplitPlan, recut
from assay.fusion.conviction import fuse
from assay.fusion.evidence import Producer
from assay.fusion.fit import fit as fit_fusion
from assay.fusion.fitted import FittedFusion
from assay.fusion.pool import Pooled, fuse_many
from assay.kernel.costs import Rates, default_round_trips
from assay.llm.contract import Provider
from assay.models.contract import FLAT, Floats
from assay.risk.decide import (
    NO_VERDICT,
    VERDICTS,
    Decisions,
    Situations,
    bars_per_year,
    decide_many,
)
from assay.risk.opinions import opinions_of
from assay.risk.reasons import BIT
from assay.risk.settings import RiskSettings
from assay.workflows.briefing import brief_at
from assay.workflows.gather import HORIZON_BARS, Prepared, Series, moment_of
from assay.workflows.learn import Voice, middle_begin
from assay.workflows.outcomes import span_samples
from assay.workflows.pooling import Answers, day_numbers, history_of, moments_of
from assay.workflows.speak import forecast_of
from assay.workflows.train import hear

Integers = NDArray[np.int64]
LIMIT_BARS = 12
"""How long a trade may last; the limit of the triple barrier."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the chain said and decided of one instrument in one test span; n rows, M producers.

    `p_up` (n, M) is what each producer had last said, `base` (M,) its climatology;
    `proven` says whether the fusion had shown skill before the test.
    `rows` are the bars' places in the prepared series; `scaled` (n,) and `label` (n,) are what came
    of each, NaN and -1 where the span ended first; `day` numbers the trading day. `asked` (n,) is
    at which of the n the verdict was given that held at each, -1 without one, and `words` are those
    verdicts by place; `verdicts` counts them.
    """

    series: Series
    fold: int
    rows: Integers
    day: Integers
    producers: tuple[Producer, ...]
    p_up: NDArray[np.float32]
    base: Floats
    proven: bool
    pooled: Pooled
    decisions: Decisions
    scaled: Floats
    label: NDArray[np.int8]
    asked: NDArray[np.int32]
    words: Mapping[int, Verdict]

    @property
    def verdicts(self) -> Mapping[str, int]:
        """Return how often the referee gave each verdict."""
        return Counter(str(verdict.kind) for verdict in self.words.values())


def replay_fold(
    decision: Prepared,
    prepared: Mapping[Series, Prepared],
    voices: Sequence[Voice],
    fold: Fold,
    split: SplitPlan,
    settings: RiskSettings,
    *,
    stories: pl.DataFrame | None,
    provider: Provider | None,
) -> Replayed | None:
    """Fit the fusion on the fold's fuse span and run the chain over its test span.

    None where the instrument has no evidence before the test or no bar in it. The referee is asked
    where the models would act.
    """
    assert fold.test is not None
    rows = decision.rows(fold.test)
    answers: list[Answers] = hear(voices, prepared, decision, until=fold.test.end)
    if not len(rows) or not answers:
        return None
    try:
        own = recut(fold, middle_begin([decision]), split)
        fitted = fit_fusion(history_of(decision, own.fuse, answers), gate_level=LEVEL)
    except HistoryError:
        return None
    moments = moments_of(decision, rows, answers)
    pooled = fuse_many(moments, fitted)
    situations = situations_of(decision, rows)
    opinions = opinions_of(pooled, _horizon_volatility(decision, rows))
    decisions = decide_many(opinions, situations, settings)
    asked, words = np.full(len(rows), -1, dtype=np.int32), dict[int, Verdict]()
    if provider is not None:
        referee = Referee(decision, prepared, answers, fitted, stories, provider)
        situations, asked, words = _refereed(referee, rows, decisions, situations)
        decisions = decide_many(opinions, situations, settings)
    samples = span_samples(decision, fold.test)
    return Replayed(
        series=decision.series,
        fold=fold.number,
        rows=rows,
        day=day_numbers(decision, rows),
        producers=moments.producers,
        p_up=moments.p_up.astype(np.float32),
        base=moments.base,
        proven=fitted.proven,
        pooled=pooled.light(),
        decisions=decisions,
        scaled=samples.scaled,
        label=samples.label,
        asked=asked,
        words=words,
    )


def _horizon_volatility(item: Prepared, rows: Integers) -> Floats:
    return np.asarray(item.volatility[rows] * np.sqrt(HORIZON_BARS))


def situations_of(
    item: Prepared,
    rows: Integers,
    *,
    horizon_bars: int = HORIZON_BARS,
    rates: Rates | None = None,
) -> Situations:
    """Return what else was known at the close of `rows`: prices, costs, closed markets, bad bars.

    Nobody is asked and nothing caps; `rates` are what trading costs, the usual ones if left out.
    """
    close = item.bars.frame["close"].to_numpy()[rows]
    instrument, count = item.instrument, len(rows)
    shut = item.series.timeframe.is_intraday & ~_open(item, rows)
    per_year = bars_per_year(instrument, item.series.timeframe) / horizon_bars
    return Situations(
        tick=instrument.tick_size,
        horizons_per_year=per_year,
        price=close,
        atr=item.atr[rows],
        cost_fraction=default_round_trips(instrument, close, rates),
        verdict=np.full(count, NO_VERDICT, dtype=np.int8),
        size_cap=np.ones(count),
        exposure=np.ones(count),
        blocks=np.bitwise_or.reduce(
            [
                np.where(shut, BIT[Reason.MARKET_CLOSED], 0),
                np.where(item.doubted[rows], BIT[Reason.BAD_BAR], 0),
                np.where(_at(item.sparse, rows), BIT[Reason.LOW_COVERAGE], 0),
                np.where(_at(item.unheard, rows), BIT[Reason.SILENT_FEED], 0),
            ]
        ),
    )


def _at(mask: NDArray[np.bool_] | None, rows: Integers) -> NDArray[np.bool_]:
    """Return `mask` at `rows`; nowhere true where there is none."""
    return np.zeros(len(rows), dtype=np.bool_) if mask is None else mask[rows]


def _open(item: Prepared, rows: Integers) -> NDArray[np.bool_]:
    """Say of each row whether trading goes on at its close, as `issue` asks of the last one."""
    times = item.bars.frame["time"][rows]
    return calendar(item.instrument.calendar).are_open(times).to_numpy()


def _refereed(
    referee: "Referee", rows: Integers, decisions: Decisions, situations: Situations
) -> tuple[Situations, NDArray[np.int32], dict[int, Verdict]]:
    """Return the situations with the referee's verdicts on every row that would trade.

    Also which place's verdict held at each row, and the verdicts by place (see `Replayed`). One
    that lets a trade open holds as long as that trade may last; a veto for the horizon.
    """
    kind, cap = situations.verdict.copy(), situations.size_cap.copy()
    asked, words = np.full(len(rows), -1, dtype=np.int32), dict[int, Verdict]()
    last_side, last_row, verdict = 0, -HORIZON_BARS, None
    for place in np.flatnonzero(decisions.side).tolist():
        side = int(decisions.side[place])
        holds = LIMIT_BARS if verdict is not None and verdict.size_cap > 0 else HORIZON_BARS
        if verdict is None or side != last_side or place - last_row >= holds:
            verdict = referee.ask(int(rows[place]))
            words[place] = verdict
            last_side, last_row = side, place
        asked[place] = last_row
        kind[place] = VERDICTS.index(verdict.kind)
        cap[place] = verdict.size_cap
    told = Situations(
        situations.tick,
        situations.horizons_per_year,
        situations.price,
        situations.atr,
        situations.cost_fraction,
        kind,
        cap,
        situations.exposure,
        situations.blocks,
    )
    return told, asked, words


@dataclass(frozen=True, slots=True)
class Referee:
    """Asks the analyst about past bars, both phases, in order, with no journal but a digest."""

    decision: Prepared
    prepared: Mapping[Series, Prepared]
    answers: Sequence[Answers]
    fitted: FittedFusion
    stories: pl.DataFrame | None
    provider: Provider

    def ask(self, row: int) -> Verdict:
        """Return the verdict on the bar at `row` of the decision series."""
        item = self.decision
        at = moment_of(int(item.time[row]))
        brief = brief_at(at, item.series, self._frames(), self.stories)
        view = ask_blind(brief, self.provider)
        sealed = SealedView(view, row, digest(asdict(view)))
        forecasts = self._forecasts(row)
        moments = moments_of(item, np.array([row]), self.answers)
        conviction = fuse(
            forecasts,
            self.fitted,
            as_of=at,
            volatility=float(item.volatility[row] * np.sqrt(HORIZON_BARS)),
            ages={
                p.artefact: float(moments.age_bars[0, n]) for n, p in enumerate(moments.producers)
            },
        )
        return ask_referee(OpenBrief(sealed, brief, tuple(forecasts), conviction), self.provider)

    def _frames(self) -> dict[Timeframe, Prepared]:
        symbol = self.decision.series.symbol
        wanted = {answer.series.timeframe for answer in self.answers}
        wanted.add(self.decision.series.timeframe)
        return {
            t: self.prepared[Series(symbol, t)] for t in sorted(wanted, key=lambda t: t.minutes)
        }

    def _forecasts(self, row: int) -> list[Forecast]:
        symbol, now = self.decision.series.symbol, self.decision.time[row]
        found = []
        for answer in self.answers:
            last = int(np.searchsorted(answer.time, now, side="right")) - 1
            if last < 0 or not np.isfinite(answer.classes[last]).all():
                continue
            source = self.prepared[Series(symbol, answer.series.timeframe)]
            there = int(np.searchsorted(source.time, answer.time[last]))
            classes = answer.classes[last]
            flat = float(classes[FLAT] / classes.sum())
            base = Classes((1 - answer.base) * (1 - flat), flat, answer.base * (1 - flat))
            found.append(
                forecast_of(
                    answer.producer,
                    answer.series,
                    moment_of(int(answer.time[last])),
                    (answer.quantiles[last], classes, classes),
                    base,
                    float(source.volatility[there]),
                )
            )
        return found
