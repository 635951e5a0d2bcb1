"""Go on with what is left of the journal, after a loss that nothing can mend."""

from dataclasses import dataclass

from assay.core.errors import JournalError, SettingsError
from assay.store.journal import Entry
from assay.store.verify import Damage
from assay.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Plan:
    """What adopting would mean: the `problem` found, how many entries are `kept` and `lost`.

    `lost` is None where the head is gone, too, so that nobody can tell.
    """

    problem: str
    kept: int
    lost: int | None

    @property
    def kept_said(self) -> str:
        """Return how many entries are left, in words."""
        return _counted(self.kept)

    @property
    def lost_said(self) -> str:
        """Return how many entries are lost, in words."""
        if self.lost is None:
            return "what nobody can tell (the head is gone)"
        return _counted(self.lost)


def ahead(desk: Desk) -> Plan:
    """Return what adopting the journal would mean.

    An intact one is a `SettingsError`; one that adopting cannot mend, for an entry or a signal is
    not what was written, a `JournalError`.
    """
    journal = desk.journal_as_it_is
    found = journal.verify()
    if found.problem is None:
        raise SettingsError(
            f"The journal is intact, with {found.entries:,} entries: there is nothing to adopt"
        )
    if found.problem.damage is Damage.SIGNAL or not journal.chain_holds():
        raise JournalError(
            f"The journal cannot be adopted: {found.problem.sentence}; restore assay.db and "
            "journal.head from copies of one moment"
        )
    try:
        head = journal.head()
    except JournalError:
        head = None
    lost = max(head.no - found.entries, 0) if head else None
    return Plan(found.problem.sentence, found.entries, lost)


def adopt(desk: Desk, reason: str) -> Entry:
    """Adopt the journal and return the entry that says so, and what the head had named."""
    if not reason.strip():
        raise SettingsError("--reason must say why the loss is accepted; found nothing")
    return desk.journal_as_it_is.adopt(reason.strip())


def _counted(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries:,} entries"
