"""Reddit's tokens and listings of new posts, as its documents and praw describe them."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs

from assay.sources.newsroom import Dispatch
from tests.doubles.newsdesk import Item, NewsDouble, published, said
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Question, Reply

EXAMPLE = {
    "kind": "Listing",
    "data": {
        "modhash": "",
        "dist": 1,
        "after": "t3_15bfi0",
        "before": None,
        "children": [
            {
                "kind": "t3",
                "data": {
                    "id": "15bfi0",
                    "name": "t3_15bfi0",
                    "subreddit": "pics",
                    "subreddit_name_prefixed": "r/pics",
                    "author": "karmanaut",
                    "title": "the_title",
                    "selftext": "",
                    "permalink": "/r/pics/comments/15bfi0/the_title/",
                    "created_utc": 1356321391.0,
                    "edited": False,
                    "removed_by_category": None,
                    "score": 1,
                },
            }
        ],
    },
}
"""A listing in the shape of https://github.com/reddit-archive/reddit/wiki/JSON, one post of it."""
TOKEN = "eyJhbGciOiJSUzI1NiJ9.token-of-an-hour"
GROUP = "stocks"
_TAKEN = {"limit", "after", "before", "count", "show", "raw_json", "sr_detail"}


class Reddit(NewsDouble):
    """One group with everything there is in it; its tokens live an hour.

    An application asks for a token with its id and secret (HTTP Basic) and
    `grant_type=client_credentials`, and shows it with every question
    (https://github.com/reddit-archive/reddit/wiki/OAuth2). Listings hold 25 posts by default and a
    hundred at most, and go back a thousand (https://www.reddit.com/dev/api#listings); after a post
    that is not in them they are empty, as people have found. Without `raw_json=1` the characters
    <, > and & come as references. A group that does not exist leads on to the search.
    """

    adapter = "reddit"
    document = "https://www.reddit.com/dev/api#GET_new"
    subjects = ("AAPL", "EURUSD")
    headline = "title"
    time = "created_utc"
    places: ClassVar = (GROUP,)
    most = 50

    def __init__(self) -> None:
        super().__init__()
        self.tokens = {TOKEN}
        self.remaining = 98.0

    def on(self, symbol: str) -> tuple[Item, ...]:
        """See `NewsDouble.on`: a group does not ask what anybody wants."""
        return published()

    def as_dispatch(self, item: Item) -> Dispatch:
        """See `NewsDouble.as_dispatch`."""
        return Dispatch(
            name=_name(item),
            published_at=item.published_at,
            worded_at=item.published_at,
            outlet=f"r/{GROUP}",
            headline=item.headline,
            summary=item.summary,
            url=f"https://www.reddit.com{_link(item)}",
        )

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`."""
        if question.method == "POST":
            return self._token(question)
        word = question.headers.get("authorization", "")
        if word.partition(" ")[0].lower() != "bearer" or word[7:] not in self.tokens:
            return said({"message": "Unauthorized", "error": 401}, 401)
        match [part for part in question.path.split("/") if part]:
            case ["r", group, "new"] if group == GROUP:
                return self._listing(question.query)
            case ["r", "closed", "new"]:
                return said({"reason": "private", "message": "Forbidden", "error": 403}, 403)
            case ["r", _, "new"]:
                return Reply(b"", 302, {"Location": "https://www.reddit.com/subreddits/search"})
        return said({"message": "Not Found", "error": 404}, 404)

    def _token(self, question: Question) -> Reply:
        kind, _, word = question.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic" or b64decode(word).decode() != f"{GOOD_KEY}:{GOOD_SECRET}":
            return said({"message": "Unauthorized", "error": 401}, 401)
        form = parse_qs(question.body.decode())
        if question.path != "/api/v1/access_token" or form.get("grant_type") != [
            "client_credentials"
        ]:
            return said({"error": "unsupported_grant_type"}, 400)
        token = sorted(self.tokens)[-1]
        return said(
            {"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": "*"}
        )

    def _listing(self, query: Mapping[str, str]) -> Reply:
        limit = query.get("limit", "25")
        if set(query) - _TAKEN or not limit.isdecimal():
            return said({"message": "Bad Request", "error": 400}, 400)
        known = [item for item in published() if self.is_told(item)]
        newest = sorted(self.told(known), key=lambda one: one.published_at, reverse=True)[:1_000]
        names = [_name(item) for item in newest]
        after = query.get("after")
        first = 0 if after is None else names.index(after) + 1 if after in names else len(names)
        last = first + min(self.most, int(limit) or 25, 100)
        posts = [_post(item, raw=query.get("raw_json") == "1") for item in newest[first:last]]
        data = {
            "modhash": "",
            "dist": len(posts),
            "after": names[last - 1] if last < len(names) else None,
            "before": None,
            "children": [{"kind": "t3", "data": post} for post in self.written(posts)],
        }
        reset = 600 - int(self.clock.timestamp()) % 600
        headers = {
            "X-Ratelimit-Used": "2",
            "X-Ratelimit-Remaining": str(self.remaining),
            "X-Ratelimit-Reset": str(reset),
        }
        return said({"kind": "Listing", "data": data}, headers=headers)


def _name(item: Item) -> str:
    return f"t3_{item.number:x}"


def _link(item: Item) -> str:
    return f"/r/{GROUP}/comments/{item.number:x}/a_title/"


def _post(item: Item, *, raw: bool) -> dict[str, Any]:
    title, text = (one if raw else _escaped(one) for one in (item.headline, item.summary))
    return {
        "id": f"{item.number:x}",
        "name": _name(item),
        "subreddit": GROUP,
        "subreddit_name_prefixed": f"r/{GROUP}",
        "author": "somebody",
        "title": title,
        "selftext": text,
        "permalink": _link(item),
        "created_utc": item.published_at.timestamp(),
        "edited": False,
        "removed_by_category": None,
        "score": 17,
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
