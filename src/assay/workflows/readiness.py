"""Whether the stores of a workspace answer: asked every few seconds, so it is cheap."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assay.core.errors import AssayError
from assay.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Readiness:
    """What each part says of itself: None if all is well, else a sentence."""

    checks: Mapping[str, str | None]

    @property
    def is_ready(self) -> bool:
        """Say whether nothing is wrong."""
        return not any(self.checks.values())


def readiness(desk: Desk, *, started: bool = True) -> Readiness:
    """Ask the database for its revision and the store of bars for its folder; nothing is made."""
    return Readiness(
        {
            "service": None if started else "The service is being started or stopped",
            "database": _wrong(lambda: desk.database.revision()),
            "bars": _wrong(lambda: desk.bars.series()),
        }
    )


def _wrong(look: Callable[[], object]) -> str | None:
    try:
        look()
    except AssayError as error:
        return str(error)
    return None
