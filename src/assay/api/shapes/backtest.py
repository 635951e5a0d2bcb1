"""How backtests are answered: the list, one report whole, and its round trips."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from assay.api.shapes.backtest_parts import (
    BacktestQuality,
    EntryHours,
    Reliability,
    Stretch,
    YearOfMonths,
)
from assay.api.shapes.common import Basis, Figure, Number, Table, Unit
from assay.evaluation.page import FIGURES, OWN, own_first
from assay.workflows.again import Past, fall_of

TRADING = (
    ("hit_rate", "Won", Unit.SHARE),
    ("mean_return", "Mean profit, of equity at the start", Unit.SHARE),
    ("profit_factor", "Profit factor", Unit.RATIO),
    ("exposure", "Time in the market", Unit.SHARE),
    ("turnover", "Turnover a year, times equity", Unit.RATIO),
)


class BacktestRow(BaseModel):
    """One backtest of the ledger; failed ones are there, too."""

    trial: str = Field(description="Its id.", examples=["trial-df387ac3458a"])
    started_at: datetime
    status: str = Field(examples=["finished", "failed", "running", "aborted"])
    symbols: list[str] = Field(examples=[["EURUSD", "XAUUSD"]])
    timeframe: str = Field(examples=["1h"])
    members: list[str] = Field(examples=[["naive", "momentum", "ridge"]])
    days: int | None = Field(description="Trading days out of sample.", examples=[1095])
    sharpe: Figure | None = Field(description="Of the chain, out of sample; null until finished.")
    kept: bool = Field(description="Whether its report is kept, so that it can be asked for.")
    reason: str | None = Field(description="Why it failed or was stopped.")
    simulated: bool | None = Field(
        description="Whether any of its markets is simulated; null where none is stored any more."
    )

    @classmethod
    def of(cls, row: Past) -> Self:
        """Return a row of the list."""
        told = row.to_json()
        ratio = told.pop("sharpe")
        return cls(
            **told,
            sharpe=_figure(ratio, "sharpe", "Sharpe", OWN, Unit.RATIO, row.simulated)
            if ratio
            else None,
        )


class EquityCurve(BaseModel):
    """Equity at the close of each day, 1 at the start."""

    of: str = Field(description="`chain` is what was tested.", examples=["chain", "buy and hold"])
    values: list[Number] = Field(examples=[[1.0, 1.002, 0.998]])


class Equity(BaseModel):
    """The account day by day, beside the baselines; the band is of the chain."""

    days: list[date]
    curves: list[EquityCurve]
    low: list[Number] = Field(description="Lower end of the band that holds 95 % of reorderings.")
    high: list[Number] = Field(description="Its upper end.")
    fall: list[Number] = Field(
        description="How far the chain stood below its last peak; 0 or less.", examples=[[0.0]]
    )


class CostStress(BaseModel):
    """The same run under other costs."""

    table: Table
    break_even: Number = Field(
        description="Times its costs at which it returns nothing; 0 if it loses without any, null "
        "if it gains at the largest factor or did not trade."
    )
    total_return: list[Number] = Field(description="In all, a row each of the table.")


class Resolutions(BaseModel):
    """The same run under other beliefs about bars that reached both stop and target."""

    table: Table
    touched: int = Field(description="Trades that ended in such a bar.")


class WorstTrade(BaseModel):
    """A trade that cost much, explained."""

    number: int = Field(description="Its number among the round trips, from 0.")
    symbol: str
    tags: list[str]
    what: str
    why: list[str]
    after: list[str]
    cost: str


class Stretches(BaseModel):
    """How history was cut in one fold; every figure comes from its test part alone."""

    train: Stretch
    stop: Stretch | None = None
    calibrate: Stretch | None = None
    fuse: Stretch | None = None
    test: Stretch


class BacktestOut(BaseModel):
    """The report of one backtest, believed only if its digest is the one that was recorded."""

    trial: str = Field(examples=["trial-df387ac3458a"])
    title: str = Field(examples=["21 instruments on 1h"])
    subtitle: str
    simulated: bool = Field(description="Whether every figure comes from a simulated market.")
    timeframe: str = Field(examples=["1h"])
    symbols: list[str]
    start_equity: float = Field(examples=[1000000.0])
    summary: list[str] = Field(description="What was found, the most important first.")
    figures: list[Figure] = Field(description="Of the account, the chain first.")
    trading: list[Figure] = Field(description="Of the round trips; `n` counts days with one.")
    accuracy: Figure | None
    round_trips: int
    equity: Equity
    falls: Table = Field(description="The deepest falls of equity.")
    months: list[YearOfMonths]
    hours: EntryHours
    regimes: Table = Field(description="By the volatility of the day before; drawn is the Sharpe.")
    tiers: Table = Field(description="Conviction against outcome; drawn is the mean move.")
    members: Table = Field(description="Drawn: gain over climatology, 1e-4 nats a forecast.")
    reliability: Reliability | None = Field(description="Null where there is too little to draw.")
    trades: Table = Field(description="The figures of the trades in words.")
    costs: CostStress
    resolutions: Resolutions
    worst: list[WorstTrade]
    referee: dict[str, int] = Field(
        description="How often the analyst said what.", examples=[{"CHALLENGE": 9, "ABSTAIN": 1}]
    )
    folds: list[Stretches]
    quality: BacktestQuality
    data: Table = Field(description="Where the bars come from.")
    methods: list[str]

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Self:
        """Return the answer for a kept report."""
        reliable = report["reliability"]
        return cls(
            **{name: report[name] for name in _AS_THEY_ARE},
            figures=_figures(report),
            trading=[
                _figure(report["trading"][name], name, title, OWN, unit, report["simulated"])
                for name, title, unit in TRADING
                if name in report["trading"]
            ],
            accuracy=_accuracy(report),
            round_trips=report["trading"]["count"],
            equity=_equity(report),
            falls=Table.of(report["falls"]),
            months=[YearOfMonths(year=int(y), months=list(v)) for y, v in report["months"].items()],
            hours=EntryHours.of(report["hours"]),
            regimes=Table.of(report["regimes"]),
            tiers=Table.of(report["tiers"]),
            members=Table.of(report["members"]),
            reliability=Reliability.of(reliable) if reliable["said"] else None,
            trades=Table.of(report["trades"]),
            costs=_costs(report["stress"]),
            resolutions=Resolutions(
                table=Table.of(report["resolutions"]), touched=report["resolutions"]["touched"]
            ),
            worst=[WorstTrade(**one) for one in report["worst"]],
            referee=report.get("verdicts", {}),
            quality=BacktestQuality.of(report["soundness"]),
            data=Table.of(report["data"]),
        )


_AS_THEY_ARE = (
    "trial", "title", "subtitle", "simulated", "timeframe", "symbols", "start_equity", "summary",
    "folds", "methods",
)  # fmt: skip


def _accuracy(report: Mapping[str, Any]) -> Figure | None:
    """Return the error of the expected move; reports of earlier versions do not say."""
    if "accuracy" not in report:
        return None
    title = "Error over that of saying no change, less one"
    return _figure(report["accuracy"], "accuracy", title, "pool", Unit.SHARE, report["simulated"])


def _costs(found: Mapping[str, Any]) -> CostStress:
    return CostStress(
        table=Table.of(found), break_even=found["break_even"], total_return=found["total_return"]
    )


def _figures(report: Mapping[str, Any]) -> list[Figure]:
    performance: Mapping[str, Any] = report["performance"]
    return [
        _figure(
            performance[of][name],
            name,
            title,
            of,
            Unit.SHARE if percent else Unit.RATIO,
            report["simulated"],
        )
        for of in own_first(performance)
        for name, title, percent in FIGURES
    ]


def _figure(
    estimate: Mapping[str, Any],
    name: str,
    title: str,
    of: str,
    unit: Unit,
    simulated: bool | None,  # noqa: FBT001 - what the report says
) -> Figure:
    """Return a figure of a backtest: every fold is judged on what it never learned from."""
    return Figure.of_estimate(
        estimate,
        name=name,
        title=title,
        of=of,
        unit=unit,
        basis=Basis.OUT_OF_SAMPLE,
        simulated=simulated,
    )


def _equity(report: Mapping[str, Any]) -> Equity:
    found: Mapping[str, Any] = report["equity"]
    curves: Mapping[str, Sequence[float]] = found["curves"]
    return Equity(
        days=found["days"],
        curves=[EquityCurve(of=name, values=list(curves[name])) for name in own_first(curves)],
        low=found["low"],
        high=found["high"],
        fall=list(fall_of(report)),
    )


class RoundTrip(BaseModel):
    """One round trip; money in dollars, times UTC."""

    number: int = Field(description="Its place in order of closing, from 0.")
    symbol: str = Field(examples=["EURUSD"])
    side: int = Field(description="1 bought first, -1 sold first.", examples=[1])
    decided: datetime = Field(description="Close of the bar that decided it.")
    entered: datetime = Field(description="Open of the bar in which it was filled.")
    left: datetime = Field(description="Open of the bar in which it ended.")
    bars: int = Field(description="Of its own bars it lasted.", examples=[9])
    lots: int = Field(examples=[325])
    entry: float = Field(examples=[1.07344])
    exit: float = Field(examples=[1.08107])
    stop: float = Field(examples=[1.08101])
    target: float = Field(examples=[1.06209])
    favourable: int = Field(description="Ticks it once stood in profit, at most.")
    reason: str = Field(description="What ended it.", examples=["stop", "target", "limit"])
    ambiguous: bool = Field(description="Whether its last bar reached both stop and target.")
    gapped: bool = Field(description="Whether the market opened beyond the stop.")
    pnl: float = Field(description="Profit after costs.", examples=[-2529.76])
    fees: float
    cost: float = Field(description="Spread and slippage.")
    r: Number = Field(description="Profit over what the stop stood to lose.", examples=[-1.0156])
    probability: Number = Field(description="What the pool gave to a rise.", examples=[0.46068])
    score: Number = Field(description="Conviction, 0 to 100.", examples=[96.68])
    tier: str = Field(examples=["HIGH"])
    evidence: str = Field(examples=["PROVEN"])
    basis: Basis = Basis.OUT_OF_SAMPLE
    simulated: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return one round trip."""
        return cls(**row)
