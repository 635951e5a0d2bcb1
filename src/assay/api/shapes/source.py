"""How sources of data are answered: what they give, on which terms, and whether a key is there."""

from typing import Self

from pydantic import BaseModel, Field

from assay.workflows.syncing.offered import Offered


class RateLimit(BaseModel):
    """So many calls in so many seconds, and how many of them are used up now."""

    calls: int = Field(examples=[200])
    seconds: float = Field(examples=[60])
    used: int = Field(examples=[0])


class SourceOut(BaseModel):
    """One source of bars, news or figures; a key itself is never told."""

    name: str = Field(examples=["alpaca"])
    gives: str = Field(examples=["bars", "news", "figures"])
    title: str = Field(examples=["Alpaca"])
    bars: dict[str, list[str]] = Field(
        description="Timeframes by kind of instrument.", examples=[{"equity": ["1m", "1h"]}]
    )
    live: dict[str, list[str]] = Field(description="Those of its stream.")
    key: str = Field(
        description="`optional`: missing, and it answers all the same.",
        examples=["present", "missing", "optional", "none needed"],
    )
    variables: list[str] = Field(
        description="Where its key is looked for.", examples=[["ASSAY_ALPACA_KEY"]]
    )
    limits: list[RateLimit]
    a_call: int | None = Field(description="Bars or stories that one call gives.")
    adjusted: bool = Field(description="Whether shares come divided by later splits.")
    licence: str
    document: str
    sign_up: str = Field(description="Where keys are had; empty where none are needed.")

    @classmethod
    def of(cls, found: Offered) -> Self:
        """Return one source."""
        return cls(
            **{name: getattr(found, name) for name in _AS_THEY_ARE},
            bars={kind: [str(one) for one in those] for kind, those in found.bars.items()},
            live={kind: [str(one) for one in those] for kind, those in found.live.items()},
            limits=[
                RateLimit(calls=limit.calls, seconds=limit.seconds, used=used)
                for limit, used in zip(found.limits, found.used, strict=True)
            ],
        )


_AS_THEY_ARE = (
    "name", "gives", "title", "key", "variables", "a_call", "adjusted", "licence", "document",
    "sign_up",
)  # fmt: skip
