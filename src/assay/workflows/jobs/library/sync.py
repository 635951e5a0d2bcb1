"""Bring bars, news and figures up to date, as far as the settings name where from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from assay.core.errors import SettingsError, TransientError
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Done, Job, Told, Weight, argument
from assay.workflows.jobs.markets import all_closed

PARTS = ("bars", "news", "macro")


@dataclass(frozen=True, slots=True)
class Sync(Job):
    """What is stored stays stored, and says where to go on: begun again, it asks for the rest."""

    weight: ClassVar[Weight] = Weight.MEDIUM
    when: ClassVar[str | None] = "5 * * * *"
    scheduled_with: ClassVar[Mapping[str, Any]] = {"when_open": True}
    symbols: tuple[str, ...] = argument((), "Of the configured feeds; all if empty.")
    parts: tuple[str, ...] = argument((), "Of bars, news and macro; what is configured if empty.")
    when_open: bool = argument(
        default=False, said="Skip bars where no market was open since the last hour."
    )

    def __post_init__(self) -> None:
        for part in self.parts:
            if part not in PARTS:
                raise SettingsError(f"parts are {', '.join(PARTS)}; found {part!r}")

    @classmethod
    def is_of_use(cls, desk: Desk) -> bool:
        """See `Job.is_of_use`."""
        return bool(desk.feeds or desk.news or desk.macro)

    def skip(self, desk: Desk, at: datetime) -> str | None:
        """See `Job.skip`."""
        only_bars = self._wanted(desk) == ["bars"]
        return all_closed(desk, at) if self.when_open and only_bars else None

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        wanted = self._wanted(desk)
        if not wanted:
            raise SettingsError(
                "Nothing is configured to be synced: write [feeds.SYMBOL], [news] or [macro] into "
                "assay.toml"
            )
        found = {part: getattr(self, f"_{part}")(desk, told) for part in wanted}
        failed = [one for _, failures, _ in found.values() for one in failures]
        for one in failed:
            told.say(one)
        said = "; ".join(sentence for sentence, _, _ in found.values())
        if failed and all(failures and not gained for _, failures, gained in found.values()):
            raise TransientError(f"No source answered: {failed[0]}", 60.0)
        if failed:
            said += f"; {len(failed):,} questions were not answered: {failed[0]}"
        return Done(said, {part: {"said": one[0], "failed": one[1]} for part, one in found.items()})

    def _wanted(self, desk: Desk) -> list[str]:
        there = {"bars": bool(desk.feeds), "news": bool(desk.news), "macro": bool(desk.macro)}
        if self.parts:
            return list(self.parts)
        return ["bars"] if self.symbols else [part for part in PARTS if there[part]]

    def _bars(self, desk: Desk, told: Told) -> tuple[str, list[str], int]:
        from assay.workflows.syncing.sync import feeds_of, sync

        plan, run = sync(desk, feeds_of(desk, self.symbols), tick=told.tick)
        failed = [f"{one.name}: {one.error}" for one in plan.refused]
        failed += [f"{one.symbol} {one.timeframe} {one.source}: {one.reason}" for one in run.failed]
        bars = sum(one.added + one.filled for one in run.synced)
        answered = sum(one.calls for one in run.synced) + (not plan.questions)
        return f"{bars:,} bars of {len(run.synced):,} series", failed, answered

    def _news(self, desk: Desk, told: Told) -> tuple[str, list[str], int]:
        from assay.workflows.news.planning import news_feed
        from assay.workflows.news.syncing import sync_news

        plan, run = sync_news(desk, news_feed(desk), tick=told.tick)
        failed = [f"{one.source}: {one.error}" for one in plan.unasked]
        failed += [f"{one.source} on {one.question}: {one.reason}" for one in run.failed]
        stories = sum(one.added for one in run.gained.values())
        answered = sum(one.calls for one in run.gained.values()) + (not plan.questions)
        return f"{stories:,} stories", failed, answered

    def _macro(self, desk: Desk, told: Told) -> tuple[str, list[str], int]:
        from assay.workflows.macro.feed import feed_of
        from assay.workflows.macro.sync import sync_macro

        run = sync_macro(desk, feed_of(desk), tick=told.tick)
        failed = [f"{one.source} on {one.question}: {one.reason}" for one in run.failed]
        figures = sum(one.figures + one.events for one in run.answered)
        return f"{figures:,} figures and events", failed, len(run.answered)
