"""The door of a service: who shows what, and whether it counts; the hot path is a dictionary."""

import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from threading import Lock

from assay.core.errors import AccessError, StoreError
from assay.store.access import People, Sessions, Tokens
from assay.store.audit import Audit
from assay.workflows.access.backoff import BackOff
from assay.workflows.access.principal import (
    TOKEN_PREFIX,
    Place,
    Principal,
    hashed,
    new_secret,
)
from assay.workflows.desk import Desk

IDLE = timedelta(hours=12)
"""A session that was not used for so long is over."""
LONGEST = timedelta(days=7)
"""No session lasts longer, however it is used."""
TICKET_SECONDS = 30
REMEMBERED_SECONDS = 5.0
"""What was found to count is believed for so long; what is taken back here ends at once."""
MOST_REMEMBERED = 10_000
NOTED_EVERY = timedelta(minutes=1)
"""The time of the last use is written no more often."""
NO_SESSION = "The session is over or was never one; log in again"
NO_TOKEN = "The token is unknown, over or was taken back; make another"  # noqa: S105 - a sentence


class Door:
    """Lets people and programs in; one for each process, shared by its threads.

    What other processes take back is noticed within `REMEMBERED_SECONDS`.
    """

    def __init__(self, desk: Desk, ticks: Callable[[], float] = time.monotonic) -> None:
        self.desk = desk
        self.backoff = BackOff(ticks)
        self._ticks = ticks
        self._known: dict[str, tuple[Principal, float]] = {}
        self._age = 0
        self._lock = Lock()

    @cached_property
    def people(self) -> People:
        """Return the people of the workspace."""
        return People(self.desk.database)

    @cached_property
    def sessions(self) -> Sessions:
        """Return the open logins."""
        return Sessions(self.desk.database)

    @cached_property
    def tokens(self) -> Tokens:
        """Return the tokens of programs, and tickets."""
        return Tokens(self.desk.database)

    @cached_property
    def log(self) -> Audit:
        """Return the audit log."""
        return Audit(self.desk.database)

    def remembered(self, shown: str) -> Principal | None:
        """Return who shows this session or token if it was found to count lately; asks nobody."""
        found = self._known.get(hashed(shown))
        return found[0] if found is not None and found[1] > self._ticks() else None

    def of_token(self, shown: str) -> Principal:
        """Return the program that shows this token; else an `AccessError`."""
        known = self.remembered(shown)
        if known is not None and known.kind == "token":
            return known
        if not shown.startswith(TOKEN_PREFIX):
            raise AccessError(NO_TOKEN)
        return self._looked_up(hashed(shown), self._token)

    def of_session(self, shown: str) -> Principal:
        """Return the person whose browser shows this session; else an `AccessError`."""
        known = self.remembered(shown)
        if known is not None and known.kind == "session":
            return known
        return self._looked_up(hashed(shown), self._session)

    def is_let_in(self, principal: Principal) -> bool:
        """Say whether what somebody showed counts still, as for a WebSocket that stays open."""
        find = self._token if principal.kind == "token" else self._session
        known = self._known.get(principal.digest)
        if known is not None and known[1] > self._ticks():
            return True
        with contextlib.suppress(AccessError):
            return self._looked_up(principal.digest, find).scopes == principal.scopes
        return False

    def issue_ticket(self, principal: Principal) -> str:
        """Return a ticket that opens one WebSocket, once, within `TICKET_SECONDS`."""
        ticket, now = new_secret(), self.desk.clock.now()
        until = now + timedelta(seconds=TICKET_SECONDS)
        self.tokens.issue_ticket(hashed(ticket), principal.digest, now, until)
        return ticket

    def of_ticket(self, ticket: str) -> Principal:
        """Return who was given this ticket, and use it up; else an `AccessError`."""
        holder = self.tokens.use_ticket(hashed(ticket), self.desk.clock.now())
        if holder is not None:
            for find in (self._session, self._token):
                with contextlib.suppress(AccessError):
                    return self._looked_up(holder, find)
        raise AccessError("The ticket is unknown, used or over; ask for another")

    def forget(self) -> None:
        """Believe nobody any more without looking: something was taken back."""
        with self._lock:
            self._age += 1
            self._known.clear()

    def note(
        self,
        who: str,
        what: str,
        *,
        about: str = "",
        outcome: str = "done",
        place: Place | None = None,
    ) -> None:
        """Write a line of the audit log."""
        address = place.address if place else None
        self.log.add(
            self.desk.clock.now(), who, what, about=about, outcome=outcome, address=address
        )

    def _looked_up(self, digest: str, find: Callable[[str], Principal]) -> Principal:
        """Return who `find` finds; believed for a while, unless something is taken back by then."""
        age = self._age
        found = find(digest)
        with self._lock:
            if age == self._age:
                if len(self._known) >= MOST_REMEMBERED:
                    self._known.clear()
                self._known[digest] = (found, self._ticks() + REMEMBERED_SECONDS)
        return found

    def _token(self, digest: str) -> Principal:
        now = self.desk.clock.now()
        token = self.tokens.get(digest)
        if token is None or token.revoked_at is not None or (token.until and token.until <= now):
            raise AccessError(NO_TOKEN)
        scopes = token.scopes
        if token.person_id is not None:
            person = self.people.get(token.person_id)
            scopes &= person.scopes if person else frozenset()
        if token.used_at is None or now - token.used_at >= NOTED_EVERY:
            with contextlib.suppress(StoreError):  # reading goes on where nothing can be written
                self.tokens.used(digest, now)
        return Principal(token.id, "token", scopes, token.person_id, digest)

    def _session(self, digest: str) -> Principal:
        now = self.desk.clock.now()
        session = self.sessions.get(digest)
        if session is None or now - session.used_at >= IDLE or now - session.made_at >= LONGEST:
            raise AccessError(NO_SESSION)
        person = self.people.get(session.person_id)
        if person is None:
            raise AccessError(NO_SESSION)
        if now - session.used_at >= NOTED_EVERY:
            with contextlib.suppress(StoreError):  # reading goes on where nothing can be written
                self.sessions.used(digest, now)
        return Principal(person.id, "session", person.scopes, person.id, digest)
