"""How settings are answered: what is set, and of secrets only whether they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from assay.api.serving import Serving
from assay.core.values.timeframe import Timeframe
from assay.workflows.chosen import host_of
from assay.workflows.desk import Desk
from assay.workflows.syncing.feeds import Feed, Terms

Secret = Literal["set", "not set"]


class FeedOut(BaseModel):
    """One instrument that is kept up to date."""

    symbol: str = Field(examples=["EURUSD"])
    sources: list[str] = Field(description="The preferred one first.", examples=[["dukascopy"]])
    timeframes: list[Timeframe]
    since: datetime | None

    @classmethod
    def of(cls, feed: Feed) -> Self:
        """Return one feed."""
        return cls(
            symbol=feed.symbol,
            sources=list(feed.sources),
            timeframes=list(feed.timeframes),
            since=feed.since,
        )


class NewsOut(BaseModel):
    """Where stories come from."""

    sources: list[str] = Field(examples=[["rss"]])
    since: datetime | None


class MacroOut(BaseModel):
    """Where figures and calendars come from."""

    sources: list[str] = Field(examples=[["fred"]])
    currencies: list[str] = Field(examples=[["USD", "EUR"]])
    since: datetime | None


class ProviderOut(BaseModel):
    """What is different about one provider; of addresses the host alone: they may hold keys."""

    name: str = Field(examples=["rss"])
    limits: list[tuple[int, float]] | None = Field(
        description="[calls, seconds] of your plan; null for the free one's.", examples=[[[5, 60]]]
    )
    address: str | None = Field(description="Host.", examples=["127.0.0.1"])
    stream: str | None = Field(description="Host.")
    zone: str | None
    places: list[str] = Field(description="Hosts of feeds, names of subreddits.")
    symbols: dict[str, str] = Field(description="What it calls an instrument.")

    @classmethod
    def of(cls, name: str, terms: Terms) -> Self:
        """Return what is different about one provider."""
        limits = terms.limits
        return cls(
            name=name,
            limits=None if limits is None else [(one.calls, one.seconds) for one in limits],
            address=host_of(terms.address) if terms.address else None,
            stream=host_of(terms.stream) if terms.stream else None,
            zone=terms.zone,
            places=[host_of(place) for place in terms.places],
            symbols=dict(terms.symbols),
        )


class ServeOut(BaseModel):
    """Where the service listens."""

    host: str = Field(examples=["127.0.0.1"])
    port: int = Field(examples=[8420])
    names: list[str]
    behind_proxy: bool
    encrypted: bool
    simulate_every: float | None = Field(
        description="Seconds after which simulated markets go on by a bar; null where they rest."
    )


class SettingsOut(BaseModel):
    """What the workspace is set to; changed in `assay.toml` or the environment, then restarted."""

    home: str = Field(description="The workspace's folder.", examples=["/home/ann/.assay"])
    database_url: Secret = Field(description="Whether a PostgreSQL is named; SQLite if not.")
    redis_url: Secret = Field(description="Whether a Redis is named; the service's memory if not.")
    seed: int
    jobs: int
    device: str = Field(examples=["cpu"])
    features: str = Field(examples=["standard", "full"])
    history_days: int = Field(description="Train on the last so many days; on all if 0.")
    retrain_days: int
    fine_tune: bool
    risk_fraction: float = Field(description="Share of equity lost at a stop.", examples=[0.005])
    least_coverage: float = Field(examples=[0.8])
    feeds: list[FeedOut]
    news: NewsOut | None
    macro: MacroOut | None
    providers: list[ProviderOut]
    serve: ServeOut
    secrets: dict[str, Secret] = Field(
        description="Every key that a source can have, by its variable's name; never what it is.",
        examples=[{"ASSAY_ALPACA_KEY": "not set"}],
    )

    @classmethod
    def of(cls, desk: Desk, serving: Serving, secrets: Mapping[str, bool]) -> Self:
        """Return what a service and its workspace are set to."""
        news, macro = desk.news, desk.macro
        return cls(
            **{name: getattr(desk, name) for name in _AS_THEY_ARE},
            home=str(desk.home),
            database_url=_told(desk.database_url is not None),
            redis_url=_told(serving.redis_url is not None),
            feeds=[FeedOut.of(one) for one in desk.feeds.values()],
            news=NewsOut(sources=list(news.sources), since=news.since) if news else None,
            macro=MacroOut(
                sources=list(macro.sources), currencies=list(macro.currencies), since=macro.since
            )
            if macro
            else None,
            providers=[ProviderOut.of(name, one) for name, one in desk.terms.items()],
            serve=ServeOut(
                host=serving.host,
                port=serving.port,
                names=list(serving.names),
                behind_proxy=serving.behind_proxy,
                encrypted=serving.is_encrypted,
                simulate_every=serving.simulate_every,
            ),
            secrets={name: _told(there) for name, there in secrets.items()},
        )


_AS_THEY_ARE = (
    "seed", "jobs", "device", "features", "history_days", "retrain_days", "fine_tune",
    "risk_fraction", "least_coverage",
)  # fmt: skip


def _told(there: bool) -> Secret:  # noqa: FBT001 - a secret's one property
    return "set" if there else "not set"
