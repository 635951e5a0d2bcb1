"""The names of series a panel net tells apart; 0 is whatever it has not seen."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import ArtefactError
from assay.models.contract import Asked


@dataclass(frozen=True)
class Vocabulary:
    """Known (symbol, timeframe) pairs in order, and each half by itself, numbered from 1."""

    names: tuple[tuple[str, str], ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the symbols, each once, in order."""
        return tuple(dict.fromkeys(symbol for symbol, _ in self.names))

    @property
    def timeframes(self) -> tuple[str, ...]:
        """Return the timeframes, each once, in order."""
        return tuple(dict.fromkeys(timeframe for _, timeframe in self.names))

    def ids(self, asked: Asked) -> NDArray[np.int64]:
        """Return (n, 2) the numbers of symbol and timeframe of each row asked; 0 is unknown."""
        symbols, frames = self._numbers
        each = [(symbols.get(s, 0), frames.get(t, 0)) for s, t in asked.names]
        return np.array(each, dtype=np.int64).reshape(-1, 2)[asked.series]

    @cached_property
    def _numbers(self) -> tuple[dict[str, int], dict[str, int]]:
        symbols = {name: number for number, name in enumerate(self.symbols, 1)}
        return symbols, {name: number for number, name in enumerate(self.timeframes, 1)}

    def plain(self) -> list[list[str]]:
        """Return it as JSON has it."""
        return [list(name) for name in self.names]

    @classmethod
    def of_plain(cls, data: Any) -> "Vocabulary":  # noqa: ANN401 - JSON data
        """Return it from `plain`; anything else is an `ArtefactError`."""
        try:
            return cls(tuple((str(symbol), str(timeframe)) for symbol, timeframe in data))
        except (TypeError, ValueError) as error:
            raise ArtefactError("params.names: is no list of symbol and timeframe") from error


def vocabulary(names: tuple[tuple[str, str], ...]) -> Vocabulary:
    """Return the vocabulary of these names, sorted, each once."""
    return Vocabulary(tuple(sorted(set(names))))
