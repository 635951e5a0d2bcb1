"""What figures a person wants synced, and where from."""

from dataclasses import dataclass
from datetime import datetime

from assay.core.errors import SettingsError
from assay.workflows.desk import Desk

MAJORS = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD")
HOW_TO = (
    "No source of figures is configured: write into assay.toml\n\n"
    '[macro]\nsources = ["fred"]\n\n'
    "or name one: assay macro sync --source fred"
)


@dataclass(frozen=True, slots=True)
class MacroFeed:
    """Figures to be kept up to date: from `sources`, on `currencies`, since `since` (UTC).

    None is as early as each source goes.
    """

    sources: tuple[str, ...]
    currencies: tuple[str, ...] = MAJORS
    since: datetime | None = None


def feed_of(desk: Desk, sources: tuple[str, ...] = (), since: datetime | None = None) -> MacroFeed:
    """Return the configured feed, or one of other sources or another beginning.

    No source at all is a `SettingsError`, as is a beginning that is not in the past.
    """
    configured = desk.macro
    asked = sources or (configured.sources if configured else ())
    if not asked:
        raise SettingsError(HOW_TO)
    begin = since or (configured.since if configured else None)
    if begin is not None and begin >= desk.clock.now():
        raise SettingsError(f"--since must lie in the past; found {begin:%Y-%m-%d}")
    return MacroFeed(asked, configured.currencies if configured else MAJORS, begin)
