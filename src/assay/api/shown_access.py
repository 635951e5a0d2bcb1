"""How people, sessions, tokens and deeds are shown by the endpoints that are about access."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from assay.core.values.scope import Scope
from assay.store.access import Person, Session, Token
from assay.store.audit import Deed
from assay.workflows.access.passwords import ADVISED, LEAST, MOST
from assay.workflows.access.people import KeptOf
from assay.workflows.access.tokens import Made

MOST_NAME_CHARACTERS = 256
Id = Annotated[str, Path(pattern=r"^[a-z]{1,10}-[0-9a-f]{12}$", description="As it is listed.")]


class Strict(BaseModel):
    """What somebody sends: nothing but what is described."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def name_field() -> str:
    """Return the description of a person's name."""
    found: str = Field(
        min_length=1,
        max_length=MOST_NAME_CHARACTERS,
        description="A name to log in with; case does not count.",
        examples=["anna"],
    )
    return found


def password_field() -> SecretStr:
    """Return the description of a password."""
    found: SecretStr = Field(
        max_length=MOST,
        description=f"At least {LEAST} characters; {ADVISED} or more are advised.",
        examples=["four words of no relation"],
    )
    return found


class PersonOut(BaseModel):
    """Somebody who may log in."""

    id: str = Field(examples=["person-3f9a1c5e7b20"])
    name: str = Field(examples=["anna"])
    scopes: list[Scope] = Field(description="The rights; none includes another.")
    made_at: datetime
    password_at: datetime = Field(description="When the password was set.")

    @classmethod
    def of(cls, person: Person) -> "PersonOut":
        """Return how `person` is shown."""
        return cls(
            id=person.id,
            name=person.name,
            scopes=sorted(person.scopes),
            made_at=person.made_at,
            password_at=person.password_at,
        )


class SessionOut(BaseModel):
    """A login that is open."""

    id: str = Field(examples=["session-5e7b203f9a1c"])
    made_at: datetime
    used_at: datetime = Field(description="When it was last used, to a minute.")
    address: str = Field(description="From where somebody logged in.", examples=["127.0.0.1"])
    agent: str = Field(description="What the browser called itself.", examples=["Mozilla/5.0"])
    is_this: bool = Field(description="Whether it is the session that asks.")

    @classmethod
    def of(cls, session: Session, *, is_this: bool = False) -> "SessionOut":
        """Return how `session` is shown."""
        return cls(
            id=session.id,
            made_at=session.made_at,
            used_at=session.used_at,
            address=session.address,
            agent=session.agent,
            is_this=is_this,
        )


class TokenOut(BaseModel):
    """A program's token, without the secret, of which only a hash is kept."""

    id: str = Field(examples=["token-7b203f9a1c5e"])
    name: str = Field(description="What it is for.", examples=["my notebook"])
    scopes: list[Scope]
    made_at: datetime
    until: datetime | None = Field(description="When it is over; null if never.")
    used_at: datetime | None = Field(description="When it was last used, to a minute.")
    revoked_at: datetime | None = Field(description="When it was taken back, if it was.")

    @classmethod
    def of(cls, token: Token) -> "TokenOut":
        """Return how `token` is shown."""
        return cls(
            id=token.id,
            name=token.name,
            scopes=sorted(token.scopes),
            made_at=token.made_at,
            until=token.until,
            used_at=token.used_at,
            revoked_at=token.revoked_at,
        )


class MadeOut(TokenOut):
    """A new token."""

    token: str = Field(
        description="The token itself, shown this once: send it as Authorization: Bearer.",
        examples=["assay_…"],
    )

    @classmethod
    def made(cls, made: Made) -> "MadeOut":
        """Return how a new token is shown."""
        return cls(**TokenOut.of(made.token).model_dump(), token=made.secret)


class DeedOut(BaseModel):
    """A line of the audit log."""

    no: int = Field(description="Lines are numbered as they were written.", examples=[1])
    at: datetime
    who: str = Field(
        description="The id of a person or a token, `machine` for the command line, `nobody`.",
        examples=["person-3f9a1c5e7b20"],
    )
    what: str = Field(examples=["login"])
    about: str = Field(description="What it was done to.", examples=["token-7b203f9a1c5e"])
    outcome: str = Field(description="`done`, `refused`, or an HTTP status.", examples=["done"])
    address: str | None = Field(
        description="From where; null on the command line, and when a person was erased.",
        examples=["127.0.0.1"],
    )

    @classmethod
    def of(cls, deed: Deed) -> "DeedOut":
        """Return how a line is shown."""
        return cls(
            no=deed.no,
            at=deed.at,
            who=deed.who,
            what=deed.what,
            about=deed.about,
            outcome=deed.outcome,
            address=deed.address,
        )


class KeptOut(BaseModel):
    """All that is kept of a person, but for the hashes of what they are let in with."""

    person: PersonOut
    sessions: list[SessionOut]
    tokens: list[TokenOut]
    deeds: list[DeedOut] = Field(description="What the audit log says of them, newest first.")

    @classmethod
    def of(cls, kept: KeptOf) -> "KeptOut":
        """Return how it is shown."""
        return cls(
            person=PersonOut.of(kept.person),
            sessions=[SessionOut.of(session) for session in kept.sessions],
            tokens=[TokenOut.of(token) for token in kept.tokens],
            deeds=[DeedOut.of(deed) for deed in kept.deeds],
        )
