"""Reddit: the newest posts of the groups that a person names."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from typing import Any

from assay.core.errors import (
    AssayError,
    CredentialError,
    DataError,
    NotFoundError,
    RefusedError,
    SettingsError,
    TransientError,
)
from assay.core.secret import Secret
from assay.core.values.instrument import Instrument
from assay.sources.contract import Note
from assay.sources.newsroom import Dispatch, NewsAbilities, NewsPage, NewsProvider
from assay.sources.provider import Limit
from assay.sources.wire.http import Answer, Fault, Http
from assay.sources.wire.stories import Asked, listed, page_back, second, told

TITLE = "Reddit"
DOOR, ADDRESS = "https://www.reddit.com", "https://oauth.reddit.com"
A_CALL = 100
LISTED = 1_000
"""Posts that a listing goes back, whatever their age."""
SOON = timedelta(seconds=60)
"""A token that lives no longer is not used any more."""
HOW_TO = 'write places = ["stocks"] under [providers.reddit] in assay.toml'
_GROUP = re.compile(r"(?:https?://(?:www\.)?reddit\.com)?/?(?:r/)?(\w{2,21})/?", re.ASCII)
_GONE = frozenset({"[deleted]", "[removed]", "[deleted by user]", "[ Removed by Reddit ]"})


class Reddit(NewsProvider):
    """Posts of subreddits, as an application without a user sees them (OAuth client credentials).

    A listing comes newest first and goes on after a post that is named: time cannot be asked for.
    It is read back to the beginning of what is asked, and not on from the last post known, for a
    post that was deleted since leads nowhere. Posts that were removed, or whose author took them
    back, are left out. A title is never changed; a text is, and what it said before is told
    nowhere, so that the text of an edited post is left out. Scores and counts of comments are not
    read: they are those of now, and not of then.
    """

    abilities = NewsAbilities(
        title=TITLE,
        # "100 queries per minute per OAuth client id", on average over ten minutes.
        limits=(Limit(100, 60),),
        licence="Personal and research use; commercial use needs a contract with Reddit.",
        document="https://www.reddit.com/dev/api#GET_new",
        a_call=A_CALL,
        keys=("key", "secret"),
        sign_up="https://www.reddit.com/prefs/apps",
        posts=True,
    )

    def questions(self, subjects: Sequence[Instrument]) -> tuple[str, ...]:
        """See `NewsProvider.questions`: `r/stocks`, whatever the subjects."""
        if not self.access.places:
            raise SettingsError(f"{TITLE} is asked about no group yet: {HOW_TO}")
        return tuple(dict.fromkeys(map(_group, self.access.places)))

    def page(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """See `NewsProvider.page`; all posts since `start` are one page."""
        notes: list[Note] = []
        after, read = "", 0

        def ask(number: int, oldest: datetime | None) -> tuple[list[Dispatch | None], datetime]:
            nonlocal after, read
            if number and not after:
                if read >= LISTED - A_CALL and oldest is not None:
                    notes.append(_begins_late(question, start, oldest))
                return [], self.access.clock.now()
            answer = self._listing(question, after)
            rows = [_data(row) for row in listed(answer.body["data"].get("children"), TITLE)]
            said = answer.body["data"].get("after")
            after, read = said if isinstance(said, str) else "", read + len(rows)
            return [_dispatch(row) for row in rows if not _is_gone(row)], answer.at

        now = self.access.clock.now()
        return page_back(ask, Asked(TITLE, question, start, end, now), notes)

    def _listing(self, group: str, after: str) -> Answer:
        query: dict[str, str | int] = {"limit": A_CALL, "raw_json": 1}
        if after:
            query["after"] = after
        for is_last in (False, True):
            http = self._reader()
            try:
                answer = http.get(f"/{group}/new", query)
            except CredentialError:
                if is_last:
                    raise
                self._token = None  # it was taken back before its time
            except NotFoundError:
                raise NotFoundError(f"{TITLE} has no {group}, or nobody may read it") from None
            else:
                _heed(http, answer)
                return answer
        raise AssertionError("the last attempt returns or raises")

    _token: tuple[Http, datetime] | None = None

    def _reader(self) -> Http:
        """Return the way to the listings, with a token that is asked for where there is none."""
        now = self.access.clock.now()
        if self._token is None or self._token[1] - now < SOON:
            body = self._door.ask(
                "POST",
                "/api/v1/access_token",
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                content="grant_type=client_credentials",
            ).body
            token, seconds = body["access_token"], body["expires_in"]
            way = self._way(ADDRESS, Secret(f"Bearer {token}"), Secret(token), _fault)
            self._token = way, now + timedelta(seconds=seconds)
        return self._token[0]

    @cached_property
    def _door(self) -> Http:
        """Return the way to the tokens."""
        key, secret = (self.access.secret(self.abilities, name) for name in self.abilities.keys)
        both = b64encode(f"{key.reveal()}:{secret.reveal()}".encode()).decode()
        return self._way(DOOR, Secret(f"Basic {both}"), Secret(both), _fault_of_token)

    def _way(self, address: str, word: Secret, hidden: Secret, fault: Fault) -> Http:
        headers: dict[str, str | Secret] = {
            "Authorization": word,
            "User-Agent": f"python:assay:v{version('assay')}",
        }
        return self.holding(
            Http(
                self.access,
                self.abilities,
                address,
                headers=headers,
                fault=fault,
                parse=_parsed,
                hide=(hidden,),
            )
        )


def _group(place: str) -> str:
    """Return how a group is asked about: `r/stocks` of stocks, /r/stocks or its address."""
    found = _GROUP.fullmatch(place.strip())
    if found is None:
        raise SettingsError(f"{TITLE} has no group called {place[:80]!r}: {HOW_TO}")
    return f"r/{found[1]}"


def _data(row: Mapping[str, object]) -> Mapping[str, object]:
    found = row.get("data")
    return found if isinstance(found, Mapping) else {}


def _is_gone(post: Mapping[str, object]) -> bool:
    """Say whether somebody took a post back: then its words are nobody's any more."""
    words = (post.get("title"), post.get("author"))
    return bool(post.get("removed_by_category")) or any(
        isinstance(word, str) and word in _GONE for word in words
    )


def _dispatch(post: Mapping[str, object]) -> Dispatch | None:
    made, link, text = post.get("created_utc"), post.get("permalink"), post.get("selftext")
    whole = int(made) if isinstance(made, float) and made.is_integer() else made
    is_kept = not post.get("edited") and text not in _GONE if isinstance(text, str) else False
    return told(
        post.get("name"),
        second(whole),
        post.get("title"),
        outlet=post.get("subreddit_name_prefixed"),
        summary=text if is_kept else "",
        url=f"{DOOR}{link}" if isinstance(link, str) else "",
    )


def _begins_late(question: str, start: datetime, oldest: datetime) -> Note:
    return Note(
        "begins_late",
        f"{TITLE} tells the newest thousand posts of {question} alone, which begin at "
        f"{oldest:%Y-%m-%d %H:%M} UTC; older ones since {start:%Y-%m-%d %H:%M} are lost",
    )


def _heed(http: Http, answer: Answer) -> None:
    """Rest where the allowance is used up, by us and others with the key: Reddit says so itself."""
    left, until = (answer.headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "reset"))
    if _figure(left) < 1.0 and until.isdecimal():
        http.pause(float(until))


def _figure(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return what an answer holds; one that only leads on elsewhere is empty."""
    return json.loads(content) if content else None


def _fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Return what is wrong with a listing; a group that is closed is no wrong key."""
    if status < 300 and body is None:
        return TransientError(f"{TITLE} answered with nothing; try again later", 60.0)
    if status < 300 and not (isinstance(body, Mapping) and isinstance(body.get("data"), Mapping)):
        return DataError(f"{TITLE} answered with something else than the listing that was expected")
    if status in (302, 404):
        return NotFoundError(f"{TITLE} has no such group")
    reason = body.get("reason") if isinstance(body, Mapping) else None
    if status == 403 and isinstance(reason, str):
        return RefusedError(f"{TITLE} does not let an application read that group ({reason})")
    return None


def _fault_of_token(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Return what is wrong with the answer that should hold a token."""
    if status >= 300:
        return None
    token = body.get("access_token") if isinstance(body, Mapping) else None
    seconds = body.get("expires_in") if isinstance(body, Mapping) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        return DataError(f"{TITLE} answered without the token that was expected")
    if not isinstance(seconds, int) or not 0 < seconds < 10**8:
        return DataError(f"{TITLE} answered with a token of no known age")
    return None
