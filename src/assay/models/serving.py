"""Many models asked at once: questions to one model are one batch."""

from collections.abc import Sequence

import numpy as np

from assay.models.contract import Asked, Raw
from assay.models.loading import LoadedModel

Question = tuple[LoadedModel, Asked, tuple[str, ...]]
"""A model, what it is asked, and the names of the columns."""


def answer_all(questions: Sequence[Question]) -> list[tuple[Raw, Raw]]:
    """Return the raw and calibrated answers to each question, in order.

    A panel's model that is asked about many series answers them in one run of its graph.
    """
    together: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for place, (model, _, columns) in enumerate(questions):
        together.setdefault((model.id, columns), []).append(place)
    found: dict[int, tuple[Raw, Raw]] = {}
    for (_, columns), places in together.items():
        model = questions[places[0]][0]
        if len(places) == 1:
            found[places[0]] = model.predict(questions[places[0]][1], columns)
            continue
        parts = [questions[place][1].cut(model.bars_read) for place in places]
        raw, calibrated = model.predict(Asked.joined(parts), columns)
        edges = np.cumsum([len(part) for part in parts])[:-1]
        pieces = zip(_split(raw, edges), _split(calibrated, edges), strict=True)
        found |= dict(zip(places, pieces, strict=True))
    return [found[place] for place in range(len(questions))]


def _split(raw: Raw, edges: np.ndarray) -> list[Raw]:
    parts = zip(np.split(raw.quantiles, edges), np.split(raw.classes, edges), strict=True)
    return [Raw(quantiles, classes) for quantiles, classes in parts]
