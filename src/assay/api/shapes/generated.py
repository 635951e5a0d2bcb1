"""The stable answers to questions for signals: their names do not change, others come beside."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from assay.api.shapes.asked import LETTERS, LONGEST_SYMBOL
from assay.api.shapes.signal import Direction, Reasoned
from assay.core.values.conviction import Evidence, Tier
from assay.core.values.decision import Side
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import VerdictKind
from assay.workflows.answering import Answer, Cleared

Ticker = Annotated[str, Field(max_length=LONGEST_SYMBOL, pattern=LETTERS, examples=["AAPL"])]


class GenerateIn(BaseModel):
    """Which signal is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"ticker": "AAPL"}, {"ticker": "EURUSD"}]},
    )

    ticker: Ticker = Field(description="The symbol of an instrument.")
    timeframe: Timeframe | None = Field(
        None,
        description="Which bars; left out, the first of 1h, 4h, 1d, 30m, 15m, 10m, 5m and 1m that "
        "has trained models.",
        examples=["1h"],
    )


class Sentiment(BaseModel):
    """The mean tone of the stories of the two days before the bar."""

    score: float = Field(ge=-1, le=1, examples=[0.21])
    confidence: float = Field(
        ge=0,
        le=1,
        description="Share of the stories with a tone that lean to its side; where it is neutral, "
        "share of the stories without one.",
        examples=[0.75],
    )
    sentiment: Literal["positive", "neutral", "negative"]
    stories: int = Field(description="How many there are, copies not counted.", examples=[4])


class ReturnInterval(BaseModel):
    """Between which returns it ends with the probability `level`."""

    lower: float = Field(examples=[-0.0034])
    upper: float = Field(examples=[0.0041])
    level: float = Field(examples=[0.9])


class TftPrediction(BaseModel):
    """What the TFT foretells over the horizon: simple returns."""

    predicted_return: float = Field(description="Its median.", examples=[0.0004])
    confidence_interval: ReturnInterval
    timeframe: Timeframe = Field(description="Of the bars it reads.")


class TradingSignal(BaseModel):
    """What to do: LONG is BUY, SHORT is SELL, WAIT is HOLD."""

    signal: Literal["BUY", "SELL", "HOLD"]
    confidence: float = Field(
        ge=0, le=1, description="Conviction as a share of 1.", examples=[0.42]
    )


class Interpretability(BaseModel):
    """What moves the answers, where that is known."""

    attention_weights: dict[str, float] | None = Field(description="Null where none are kept.")
    feature_importances: dict[str, float] | None = Field(
        description="How far each column moves a member's log-odds in general.",
        examples=[{"log_return_12_by_50": 0.021}],
    )
    feature_importances_of: str | None = Field(
        description="Whose they are: the TFT's, else those of the member that weighs most.",
        examples=["ridge 1h"],
    )


class Absent(BaseModel):
    """Something that is null, and why."""

    name: str = Field(examples=["tft_prediction"])
    reason: str = Field(examples=["no member called tft is trained for AAPL 1h"])


class MemberBrief(BaseModel):
    """One member's part in the signal."""

    member: str
    family: str
    timeframe: Timeframe
    probability: float
    weight: float
    part: float
    reason: str | None


class Generated(BaseModel):
    """The signal of a ticker: first what is promised, then what else is known."""

    ticker: str = Field(examples=["AAPL"])
    aggregated_sentiment: Sentiment | None
    tft_prediction: TftPrediction | None
    trading_signal: TradingSignal
    interpretability: Interpretability
    absent: list[Absent] = Field(description="What is null, and why; nothing is invented.")
    signal_id: str = Field(description="Under which /api/v1/signals has all of it.")
    timeframe: Timeframe
    as_of: datetime = Field(description="Close of the newest bar it saw.")
    made_at: datetime = Field(description="When it was issued.")
    horizon_bars: int
    decision: Side
    conviction: float
    tier: Tier
    evidence: Evidence
    direction: Direction
    probability: float = Field(description="Of a rise, if it moves.")
    low: float
    high: float
    base: float
    agreement: float | None
    predicted_return: float = Field(description="The pool's median simple return over the horizon.")
    entry: float = Field(description="The close of its bar.")
    stop: float | None
    target: float | None
    risk_fraction: float
    verdict: VerdictKind = Field(description="What the analyst says of it.")
    reasons: list[Reasoned]
    members: list[MemberBrief]
    in_sample: bool
    simulated: bool
    cached: bool = Field(description="Whether it was made for an earlier question.")
    expires_at: datetime = Field(
        description="Until when it is given again, if no bar is stored before."
    )
    degraded: str | None = Field(
        description="Why answers are not kept at the moment; null while all is well."
    )


class GenerateOut(BaseModel):
    """The answer to `POST /api/signals/generate`."""

    success: Literal[True] = True
    result: Generated

    @classmethod
    def of(cls, found: Answer) -> Self:
        """Return the shape of an answer."""
        beside = {
            "cached": found.cached,
            "expires_at": found.expires_at,
            "degraded": found.degraded,
        }
        return cls(result=Generated.model_validate(found.said | beside))


class CacheStatsOut(BaseModel, from_attributes=True):
    """How the cache of answers does; the counts are this service's own since it started."""

    place: Literal["memory", "redis"]
    entries: int | None = Field(description="How many answers are kept; null if not reachable.")
    hits: int = Field(description="Questions answered from the cache.")
    computed: int = Field(description="Questions for which a signal was computed.")
    shared: int = Field(description="Questions that waited for the same one and shared its answer.")
    degraded: str | None = Field(description="Why the cache cannot be reached.")


class ClearedOut(BaseModel):
    """What `POST /api/signals/cache/clear` did."""

    success: bool
    cleared: int = Field(description="How many answers were forgotten, for all who share them.")
    degraded: str | None = Field(description="Why the cache cannot be reached.")

    @classmethod
    def of(cls, found: Cleared) -> Self:
        """Return the shape."""
        return cls(success=found.degraded is None, cleared=found.cleared, degraded=found.degraded)


class SignalIn(BaseModel):
    """Of which series a signal is to be issued."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"symbol": "EURUSD", "timeframe": "1h"}]}
    )

    symbol: str = Field(max_length=LONGEST_SYMBOL, pattern=LETTERS, examples=["EURUSD"])
    timeframe: Timeframe = Field(examples=["1h"])
