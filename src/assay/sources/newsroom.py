"""What a provider of news is: questions it can be asked, and pages of stories in answer."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.core.values.instrument import Instrument
from assay.sources.contract import Note
from assay.sources.provider import Connected, Limit


@dataclass(frozen=True, slots=True)
class NewsAbilities:
    """What a provider of news gives and on which terms; see `provider.Abilities` for the rest.

    `late` is how much later than published its free tier tells stories, `reach` how far back it
    goes (None: no documented end), `a_call` how many stories one call gives. `apart` says that each
    question goes to somebody else: that one is down says nothing of the others. `posts` says that
    anybody may write there: what names no instrument is then about none, and not about the market.
    """

    title: str
    limits: tuple[Limit, ...]
    licence: str
    document: str
    a_call: int
    keys: tuple[str, ...] = ()
    key_optional: bool = False
    sign_up: str = ""
    late: timedelta = timedelta()
    reach: timedelta | None = None
    apart: bool = False
    posts: bool = False


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A story as a provider tells it, its words as they came: HTML, control characters and all.

    `published_at` is when it says it was published, `worded_at` when this wording was made, the
    same if it was not changed since; both UTC. These words could not be known before `worded_at`.
    `outlet` is who wrote it, `tickers` what the provider itself says it is about, in the provider's
    words; `name` is the provider's own name for it, `url` where it stands.
    """

    name: str
    published_at: datetime
    worded_at: datetime
    outlet: str
    headline: str
    summary: str = ""
    url: str = ""
    tickers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        utc(self.published_at, "time of publication")
        if utc(self.worded_at, "time of the wording") < self.published_at:
            raise DataError(f"A story was worded at {self.worded_at}, before it was published")


@dataclass(frozen=True, slots=True)
class NewsPage:
    """The answer to one question for stories, by `worded_at`, and what was noticed.

    Every story the provider has on it that was worded after the start and by `through` (UTC) is in
    it, each wording once; a story that was changed is so told again. `current` says that there is
    nothing more to ask now.
    """

    dispatches: tuple[Dispatch, ...]
    notes: tuple[Note, ...]
    through: datetime
    current: bool = False


class NewsProvider(Connected, ABC):
    """A provider of news or posts; a missing key is refused when it is asked.

    Errors are those of `provider.Provider`.
    """

    abilities: ClassVar[NewsAbilities]

    @abstractmethod
    def questions(self, subjects: Sequence[Instrument]) -> tuple[str, ...]:
        """Return what to ask to hear of `subjects`, each a short text that means the same for ever.

        One question may serve many subjects; none where it has nothing on them.
        """

    @abstractmethod
    def page(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """Return the first stories on `question` worded after `start` and by `end`, some or none.

        `NewsPage.through` says how far that holds: beyond `start`, unless there is nothing more to
        ask now.
        """
