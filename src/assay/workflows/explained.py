"""A signal explained, beside what came of earlier ones like it."""

from dataclasses import dataclass

from assay.store.signals import SignalRow, Signals
from assay.workflows.desk import Desk
from assay.workflows.explain import Explanation, explain
from assay.workflows.precedents import Precedents, precedents
from assay.workflows.recorded import as_recorded


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanation of one signal and its precedents."""

    explanation: Explanation
    similar: Precedents


def explained(desk: Desk, text: str) -> Explained:
    """Return the explanation of the signal whose id is `text` or begins with it."""
    row = recorded(desk, text)
    return Explained(explain(desk, row.id), precedents(desk, row))


def recorded(desk: Desk, text: str) -> SignalRow:
    """Return a signal by its id, or how it begins, as the journal recorded it."""
    return as_recorded(desk, Signals(desk.journal).find(text))
