"""Tokens for programs: made, listed, taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.core.errors import NotFoundError, RightsError, SettingsError
from assay.core.values.scope import Scope
from assay.store.access import Token
from assay.workflows.access.door import Door
from assay.workflows.access.passwords import checked_name
from assay.workflows.access.principal import (
    MACHINE,
    TOKEN_PREFIX,
    Place,
    Principal,
    hashed,
    new_id,
    new_secret,
)

MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Made:
    """A new token; `secret` is shown this once, for its hash alone is kept."""

    token: Token
    secret: str


def make_token(
    door: Door,
    name: str,
    scopes: Iterable[Scope],
    *,
    days: int | None = None,
    principal: Principal | None = None,
    place: Place | None = None,
) -> Made:
    """Make a token of at most the rights of who asks; None asks on the machine, and may all.

    It is over after so many `days`, or never.
    """
    wanted = frozenset(scopes)
    if not wanted:
        raise SettingsError(
            f"A token needs at least one right of {', '.join(scope.value for scope in Scope)}"
        )
    missing = wanted - principal.scopes if principal else frozenset()
    if missing:
        raise RightsError(
            "A token cannot do more than who makes it; you have no right to "
            f"{', '.join(sorted(missing))}"
        )
    now = door.desk.clock.now()
    secret = TOKEN_PREFIX + new_secret()
    token = Token(
        id=new_id("token"),
        digest=hashed(secret),
        person_id=principal.person_id if principal else None,
        name=checked_name(name),
        scopes=wanted,
        made_at=now,
        until=_until(now, days),
    )
    door.tokens.add(token)
    door.note(principal.who if principal else MACHINE, "token made", about=token.id, place=place)
    return Made(token, secret)


def tokens(door: Door, principal: Principal | None = None) -> Sequence[Token]:
    """Return the tokens of who asks, the newest first; on the machine (None) everybody's."""
    return door.tokens.of(principal.person_id) if principal else door.tokens.all()


def revoke_token(
    door: Door,
    token_id: str,
    *,
    principal: Principal | None = None,
    place: Place | None = None,
) -> None:
    """Take a token back: one's own, with the right to admin or on the machine (None) any."""
    is_admin = principal is None or Scope.ADMIN in principal.scopes
    found = tokens(door, None if is_admin else principal)
    if token_id not in {token.id for token in found}:
        raise NotFoundError(f"There is no token {token_id!r} of yours")
    door.tokens.revoke(token_id, door.desk.clock.now())
    door.forget()
    who = principal.who if principal else MACHINE
    door.note(who, "token taken back", about=token_id, place=place)


def _until(now: datetime, days: int | None) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= MOST_DAYS:
        raise SettingsError(f"A token lasts 1 to {MOST_DAYS} days, or for ever; {days} were asked")
    return now + timedelta(days=days)
