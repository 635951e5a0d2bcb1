"""What a scorer is: documents in, tone out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tone:
    """The tone of a text.

    `score` lies in [-1, 1]; `hits` are the words that made it, `spread` their disagreement, 0..1.
    """

    score: float
    spread: float
    hits: tuple[str, ...]


class Scorer(ABC):
    """Scores the tone of financial text; `version` is stored with every score."""

    version: int = 1

    @abstractmethod
    def score(self, texts: Sequence[str], subject: str | None = None) -> list[Tone]:
        """Return a tone a text; `subject` is a symbol whose price the tone is about.

        With a currency pair as the subject the sign is the pair's: bad for the quote currency is
        good for the pair. A text's tone depends on that text alone.
        """
