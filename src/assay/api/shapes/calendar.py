"""How trading hours and economic events are answered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from assay.api.shapes.common import Number
from assay.workflows.sessions import Desks, Market, Session, Sessions


class OpenHours(BaseModel):
    """From when to when, in UTC and as the clocks of the place show it."""

    opens: datetime = Field(description="UTC.", examples=["2022-01-05T14:30:00Z"])
    closes: datetime = Field(description="UTC.", examples=["2022-01-05T21:00:00Z"])
    opens_local: datetime = Field(examples=["2022-01-05T09:30:00-05:00"])
    closes_local: datetime = Field(examples=["2022-01-05T16:00:00-05:00"])

    @classmethod
    def told(cls, opens: datetime, closes: datetime, zone: str) -> dict[str, datetime]:
        """Return the four times."""
        local = ZoneInfo(zone)
        return {
            "opens": opens,
            "closes": closes,
            "opens_local": opens.astimezone(local),
            "closes_local": closes.astimezone(local),
        }


class TradingSession(OpenHours):
    """One session of a market."""

    day: date = Field(description="The market's name for it: FX opens the evening before.")
    break_start: datetime | None = Field(description="UTC; null without a break.")
    break_end: datetime | None
    note: str | None = Field(description="What is special.", examples=["early close"])

    @classmethod
    def of(cls, session: Session, zone: str) -> Self:
        """Return one session."""
        return cls(
            **cls.told(session.opens, session.closes, zone),
            day=session.day,
            break_start=session.break_start,
            break_end=session.break_end,
            note=session.note,
        )


class MarketOut(BaseModel):
    """One calendar: open or closed, why, until when."""

    calendar: str = Field(examples=["XNYS", "FX"])
    zone: str = Field(examples=["America/New_York"])
    symbols: list[str] = Field(description="Stored instruments that follow it.")
    is_open: bool | None = Field(description="Null where the calendar does not know that time.")
    local: datetime = Field(description="What its clocks show then.")
    sentence: str = Field(examples=["XNYS was closed on 2022-01-08 (weekend)"])
    holiday: str | None = Field(description="What the day is called, if it is special.")
    next_open: datetime | None = Field(description="UTC; null while it is open.")
    next_close: datetime | None = Field(
        description="When trading next stops, UTC; null if it never does."
    )
    sessions: list[TradingSession]

    @classmethod
    def of(cls, market: Market, at: datetime) -> Self:
        """Return one market."""
        same = ("calendar", "zone", "is_open", "sentence", "holiday", "next_open", "next_close")
        return cls(
            **{name: getattr(market, name) for name in same},
            symbols=list(market.symbols),
            local=at.astimezone(ZoneInfo(market.zone)),
            sessions=[TradingSession.of(one, market.zone) for one in market.sessions],
        )


class CentreOut(BaseModel):
    """The usual desk hours of one FX centre; there is no official table, holidays stay in."""

    name: str = Field(examples=["london", "new_york"])
    zone: str = Field(examples=["Europe/London"])
    is_open: bool
    local: datetime = Field(description="What its clocks show then.")
    spans: list[OpenHours]

    @classmethod
    def of(cls, desks: Desks, at: datetime) -> Self:
        """Return one centre."""
        return cls(
            name=desks.name,
            zone=desks.zone,
            is_open=desks.is_open,
            local=at.astimezone(ZoneInfo(desks.zone)),
            spans=[OpenHours(**OpenHours.told(*span, desks.zone)) for span in desks.spans],
        )


class SessionsOut(BaseModel):
    """The 24 hours around a time: the markets of the workspace, and the FX centres."""

    at: datetime
    start: datetime
    end: datetime
    markets: list[MarketOut]
    centres: list[CentreOut]

    @classmethod
    def of(cls, found: Sessions) -> Self:
        """Return all sessions."""
        return cls(
            at=found.at,
            start=found.start,
            end=found.end,
            markets=[MarketOut.of(one, found.at) for one in found.markets],
            centres=[CentreOut.of(one, found.at) for one in found.centres],
        )


class EventOut(BaseModel):
    """One economic event, as it is known now."""

    series: str = Field(examples=["us_cpi"])
    currency: str = Field(examples=["USD"])
    title: str = Field(examples=["Consumer prices, year on year"])
    impact: str = Field(description="high, medium, low, or empty.", examples=["high"])
    event_at: datetime = Field(description="When it is due, UTC.")
    seen_at: datetime = Field(description="Since when this is known, UTC.")
    consensus: Number = Field(description="What was expected; null where nobody was asked.")
    previous: Number
    actual: Number = Field(description="The first figure that was told; null before.")
    simulated: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return one event."""
        return cls(**{name: row[name] for name in cls.model_fields})
