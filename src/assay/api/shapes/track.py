"""How the track record is answered: figures by group, signals with their outcomes, calibration."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from assay.api.shapes.common import LEVEL, Number
from assay.evaluation.track import LEAST, LEAST_DAYS, Figure, Record, Score
from assay.workflows.track import By, Calibrated, Followed, Group, Track
from assay.workflows.track_gap import Beside, Gap
from assay.workflows.track_rows import Kind

KIND = (
    "`simulated`: of a simulated market. `replay`: issued on history, after the next bar had "
    "closed. `live`: every other."
)


class Mean(BaseModel):
    """A mean over outcomes with its interval, or without one where there are too few."""

    value: Number = Field(description="Null where there is nothing to average.", examples=[0.531])
    low: Number = Field(description="Lower end; null with too few.", examples=[0.498])
    high: Number = Field(description="Upper end; null with too few.", examples=[0.565])
    level: float = Field(LEVEL, description="How sure the interval is.")
    n: int = Field(description="Outcomes behind it.", examples=[842])
    days: int = Field(description="Trading days they lie on.", examples=[61])
    too_few: bool = Field(
        description=f"Under {LEAST} outcomes or {LEAST_DAYS} days: to be shown greyed."
    )

    @classmethod
    def of(cls, found: Figure) -> Self:
        """Return a figure of a record."""
        return cls(
            value=found.value,
            low=found.low,
            high=found.high,
            level=LEVEL,
            n=found.count,
            days=found.days,
            too_few=found.too_few,
        )


class Loss(BaseModel):
    """A loss of the probabilities beside that of climatology, over the outcomes that moved."""

    loss: Mean = Field(description="Of what was said; lower is better.")
    baseline: Mean = Field(description="Of always saying what is usual.")
    gain: Mean = Field(description="Baseline less loss; above zero is better than climatology.")

    @classmethod
    def of(cls, found: Score) -> Self:
        """Return a score of a record."""
        return cls(
            loss=Mean.of(found.loss), baseline=Mean.of(found.baseline), gain=Mean.of(found.gain)
        )


class Coverage(BaseModel):
    """How often outcomes fell inside a quantile fan; of members alone."""

    nominal: float = Field(description="The share that should.", examples=[0.9])
    happened: Mean

    @classmethod
    def of(cls, nominal: str, found: Figure) -> Self:
        """Return the coverage of one fan."""
        return cls(nominal=float(nominal), happened=Mean.of(found))


class Withheld(BaseModel):
    """What the same plan would have given where the decision was WAIT. Hypothetical."""

    hypothetical: bool = True
    missed: int = Field(description="That would have gained after costs.", examples=[211])
    spared: int = Field(description="That would have lost.", examples=[264])
    r: Mean = Field(description="Mean profit over what the stop stood to lose, after costs.")


class TrackGroup(BaseModel):
    """The record of signals that are alike."""

    name: str = Field(description="Whose it is, by the grouping.", examples=["momentum 1h"])
    kind: Kind = Field(description=KIND)
    n: int = Field(description="Signals whose horizon is over.", examples=[1203])
    days: int = Field(description="Trading days they lie on.", examples=[61])
    moved: int = Field(description="Of them up or down: what can be judged.", examples=[842])
    flat: int = Field(description="Within the label's band.", examples=[331])
    unknown: int = Field(description="Whose return is no outcome.", examples=[30])
    too_few: bool = Field(description="Whether those that moved are too few to lean on.")
    simulated: bool = Field(description="Whether the market was a simulated one.")
    hit_rate: Mean = Field(description="Right side, where it leant to one and the market moved.")
    brier: Loss
    log_loss: Loss = Field(description="In nats.")
    net_return: Mean = Field(description="Of trades taken, of the price, after costs.")
    r: Mean = Field(description="Profit over what the stop stood to lose, after costs.")
    withheld: Withheld
    coverage: list[Coverage] = Field(description="Empty figures for the pool, which has no fan.")

    @classmethod
    def of(cls, group: Group) -> Self:
        """Return one group."""
        found: Record = group.record
        return cls(
            name=group.name,
            kind=group.kind,
            n=found.count,
            days=found.days,
            moved=found.moved,
            flat=found.flat,
            unknown=found.unknown,
            too_few=found.too_few,
            simulated=group.kind is Kind.SIMULATED,
            hit_rate=Mean.of(found.hit_rate),
            brier=Loss.of(found.brier),
            log_loss=Loss.of(found.log_loss),
            net_return=Mean.of(found.net),
            r=Mean.of(found.r),
            withheld=Withheld(
                missed=found.missed, spared=found.spared, r=Mean.of(found.withheld_r)
            ),
            coverage=[Coverage.of(*each) for each in found.coverage.items()],
        )


class TrackOut(BaseModel):
    """The track record by one grouping; never two kinds of signals in one group."""

    by: By
    groups: list[TrackGroup] = Field(description="Live ones first, then by how many.")
    open: int = Field(description="Signals with a part still to come, of any kind.", examples=[95])
    left_out: int = Field(description="Resolved ones of the other sample.", examples=[0])

    @classmethod
    def of(cls, found: Track) -> Self:
        """Return the whole record."""
        return cls(
            by=found.by,
            groups=[TrackGroup.of(group) for group in found.groups],
            open=found.open,
            left_out=found.left_out,
        )


class Horizon(BaseModel):
    """What came over the horizon."""

    due: datetime = Field(description="When it could first be known: the close of its last bar.")
    recorded_at: datetime
    revision: int = Field(description="Above 1 where bars were corrected since.", examples=[1])
    entry: int = Field(description="The journal entry that holds it.", examples=[412])
    outcome: str | None = Field(
        description="up, flat (within the label's band) or down; null where it is no outcome.",
        examples=["up"],
    )
    hit: bool | None = Field(description="Whether the pool's side came; null where it had none.")
    log_return: Number = Field(description="From close to close.", examples=[0.0012])
    scaled: Number = Field(description="The same over its expected size.", examples=[0.54])
    unknown: str | None = Field(description="Why it is no outcome.", examples=["roll"])
    gaps: int | None = Field(description="Bars missing in between, by the calendar.", examples=[0])

    @classmethod
    def of(cls, one: Followed) -> Self | None:
        """Return the horizon's outcome, None while it is open."""
        if one.horizon is None:
            return None
        names = ("outcome", "hit", "log_return", "scaled", "unknown", "gaps")
        return cls(
            due=one.horizon.due,
            recorded_at=one.horizon.at,
            revision=one.horizon.revision,
            entry=one.horizon.entry,
            **{name: one.horizon.found[name] for name in names},
        )


class TradeEnd(BaseModel):
    """How the signal's trade ended, by the kernel: by itself, entered at the next open."""

    due: datetime = Field(description="The close of the bar in which it ended.")
    recorded_at: datetime
    revision: int = Field(description="Above 1 where bars were corrected since.", examples=[1])
    entry: int = Field(description="The journal entry that holds it.", examples=[413])
    side: int = Field(description="+1 long, -1 short.", examples=[1])
    hypothetical: bool = Field(description="Whether the decision was WAIT: nobody traded it.")
    withheld: str | None = Field(
        description="missed (it would have gained) or spared; null for a trade that was taken.",
        examples=["spared"],
    )
    end: str = Field(description="stop, target or time.", examples=["stop"])
    bars: int = Field(description="Bars from entry to end.", examples=[3])
    entry_price: Number = Field(description="Fill, costs inside.", examples=[1.0712])
    exit_price: Number = Field(description="Fill, costs inside.", examples=[1.0698])
    r_gross: Number = Field(description="Before costs, over what the stop stood to lose.")
    r_net: Number = Field(description="After costs.", examples=[-1.04])
    gross: Number = Field(description="Return of the price before costs.", examples=[-0.0012])
    net: Number = Field(description="After costs.", examples=[-0.0013])
    ambiguous: bool = Field(description="A bar reached both; the stop is taken to be first.")
    gapped: bool = Field(description="The market opened beyond the stop.")

    @classmethod
    def of(cls, one: Followed) -> Self | None:
        """Return how the trade ended, None while it is open or where there is none."""
        if one.trade is None:
            return None
        found: Mapping[str, Any] = one.trade.found
        names = ("side", "hypothetical", "withheld", "end", "bars", "r_gross", "r_net")
        return cls(
            due=one.trade.due,
            recorded_at=one.trade.at,
            revision=one.trade.revision,
            entry=one.trade.entry,
            entry_price=found["entry"],
            exit_price=found["exit"],
            **{name: found[name] for name in (*names, "gross", "net", "ambiguous", "gapped")},
        )


class TrackSignal(BaseModel):
    """One signal and what came of it; losing and withheld ones are there, too."""

    id: str = Field(examples=["sig-5456e608ccd3"])
    symbol: str = Field(examples=["EURUSD"])
    timeframe: str = Field(examples=["1h"])
    as_of: datetime = Field(description="The close of the bar it was made on.")
    made_at: datetime
    kind: Kind = Field(description=KIND)
    in_sample: bool = Field(description="Whether the fusion had learnt from what came of it.")
    simulated: bool
    decision: str = Field(examples=["WAIT"])
    direction: str = Field(description="The side the pool leant to.", examples=["UP"])
    probability: Number = Field(description="Of up, given a move.", examples=[0.53])
    conviction: Number = Field(examples=[61.2])
    tier: str | None = Field(examples=["MODERATE"])
    evidence: str = Field(examples=["PROVEN"])
    open: bool = Field(description="Whether a part is still to come.")
    why_open: str | None = Field(description="A word for programs.", examples=["not_due"])
    why_open_sentence: str | None = Field(examples=["2 of 4 bars have closed since"])
    horizon: Horizon | None
    trade: TradeEnd | None

    @classmethod
    def of(cls, one: Followed) -> Self:
        """Return one signal."""
        signal = one.signal
        return cls(
            id=signal.id,
            symbol=signal.symbol,
            timeframe=signal.timeframe.value,
            as_of=signal.as_of,
            made_at=signal.made_at,
            kind=one.kind,
            in_sample=signal.in_sample,
            simulated=signal.simulated,
            decision=signal.decision,
            direction=signal.direction,
            probability=signal.probability,
            conviction=signal.conviction,
            tier=signal.tier,
            evidence=signal.evidence,
            open=one.is_open,
            why_open=one.why.code if one.why else None,
            why_open_sentence=one.why.sentence if one.why else None,
            horizon=Horizon.of(one),
            trade=TradeEnd.of(one),
        )


class Bin(BaseModel):
    """Forecasts that said about the same, and how often it came."""

    said: float = Field(description="Their mean.", examples=[0.52])
    happened: float = Field(description="The share that came.", examples=[0.55])
    low: float = Field(examples=[0.47])
    high: float = Field(examples=[0.62])
    n: int = Field(examples=[120])
    left: float = Field(description="The lowest of them.", examples=[0.51])
    right: float = Field(description="The highest.", examples=[0.53])


class Calibration(BaseModel):
    """Said against came true, over the outcomes that moved; of one kind of signals."""

    name: str = Field(examples=["all"])
    kind: Kind = Field(description=KIND)
    simulated: bool
    n: int = Field(description="Outcomes that moved.", examples=[842])
    too_few: bool = Field(description=f"Under {LEAST} of them or {LEAST_DAYS} days: no bins.")
    bins: list[Bin]
    error: Number = Field(description="Mean distance of said and happened.", examples=[0.021])
    error_by_chance: Number = Field(description="What right forecasts show on as many days.")

    @classmethod
    def of(cls, found: Calibrated) -> Self:
        """Return the calibration of one group."""
        rows = found.bins.to_json() if found.bins else {}
        columns = [dict(zip(rows, row, strict=True)) for row in zip(*rows.values(), strict=True)]
        return cls(
            name=found.name,
            kind=found.kind,
            simulated=found.kind is Kind.SIMULATED,
            n=found.count,
            too_few=found.bins is None,
            bins=[Bin.model_validate(row) for row in columns],
            error=found.brier.error if found.brier else None,
            error_by_chance=found.brier.by_chance if found.brier else None,
        )


class GapFigure(BaseModel):
    """One figure of the signals beside the backtest's."""

    name: str = Field(
        description="r (mean profit over the stop), won (share of trades) or brier.",
        examples=["r"],
    )
    now: Mean = Field(description="Of the signals.")
    then: Mean = Field(description="Of the backtest, out of sample.")
    over: list[str] = Field(description="Which instruments the backtest's figure is of.")
    difference: Number = Field(description="Now less then.", examples=[-0.04])
    low: Number = Field(description="Lower end of its 95 % interval; null with too few.")
    high: Number = Field(description="Upper end.")

    @classmethod
    def of(cls, found: Beside) -> Self:
        """Return one figure."""
        return cls(
            name=found.name,
            now=Mean.of(found.now),
            then=Mean.of(found.then),
            over=list(found.over),
            difference=found.difference,
            low=found.low,
            high=found.high,
        )


class GapOut(BaseModel):
    """A series' signals of one kind beside its newest backtest."""

    symbol: str = Field(examples=["EURUSD"])
    timeframe: str = Field(examples=["1h"])
    kind: Kind = Field(description=KIND)
    simulated: bool
    trial: str | None = Field(description="The backtest.", examples=["trial-df387ac3458a"])
    problem: str | None = Field(description="Why there is nothing to compare with.")
    figures: list[GapFigure]

    @classmethod
    def of(cls, found: Gap) -> Self:
        """Return the gap of one series."""
        return cls(
            symbol=found.symbol,
            timeframe=found.timeframe.value,
            kind=found.kind,
            simulated=found.simulated,
            trial=found.trial,
            problem=found.problem,
            figures=[GapFigure.of(one) for one in found.figures],
        )
