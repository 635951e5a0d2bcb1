"""How jobs are shown: as lines of a table, and one with all it said."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assay.cli import say
from assay.store.job_rows import JobRow
from assay.workflows.jobs.asking import JobStory

if TYPE_CHECKING:
    from rich.console import RenderableType

COLUMNS = ("job", "kind", "state", "asked UTC", "by", ">begun", "what became of it")


def jobs_table(rows: Sequence[JobRow]) -> "RenderableType":
    """Return jobs as a table, the newest first."""
    return say.table(
        "",
        COLUMNS,
        [
            (
                one.id,
                one.kind,
                one.state,
                _time(one.asked_at),
                one.asked_by,
                one.attempts,
                told(one),
            )
            for one in rows
        ],
    )


def told(row: JobRow) -> str:
    """Return what became of a job, or where it stands."""
    if row.outcome or row.error:
        return row.outcome or row.error or ""
    if not row.progress:
        return "–"
    stands = f"{row.progress['what']}: {row.progress['done']:,} of {row.progress['total']:,}"
    left = row.progress.get("seconds_left")
    return stands if left is None else f"{stands}, about {left:,.0f} s left"


def job_page(story: JobStory) -> "RenderableType":
    """Return one job with all it said."""
    from rich.console import Group

    row = story.row
    parts: list[Any] = [
        say.facts(
            [
                ("job", row.id),
                ("kind", row.kind),
                ("arguments", dict(row.arguments) or "–"),
                ("state", f"{row.state}{', asked to stop' if row.cancel_asked else ''}"),
                ("", told(row)),
                ("asked", f"{_time(row.asked_at)} UTC by {row.asked_by}"),
                ("begun", f"{_time(row.started_at)} UTC, {row.attempts} of {row.most_attempts}"),
                ("ended", f"{_time(row.ended_at)} UTC"),
                ("done by", row.lease_owner or "–"),
            ]
        )
    ]
    if story.losses:
        lines = [
            (
                one.what,
                f"{one.epoch} of {one.epochs}",
                f"{one.loss:.4f}",
                "–" if one.held_loss is None else f"{one.held_loss:.4f}",
            )
            for one in story.losses
        ]
        parts.append(say.table("", ("training", ">epoch", ">loss", ">stop span"), lines))
    if story.lines:
        lines_said = [(f"{one.at:%H:%M:%S}", one.text) for one in story.lines]
        parts.append(say.table("", ("UTC", "said"), lines_said))
    return Group(*parts)


def plain_row(row: JobRow) -> dict[str, Any]:
    """Return a job as plain data."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def plain_story(story: JobStory) -> dict[str, Any]:
    """Return a job with all it said as plain data."""
    return {
        **plain_row(story.row),
        "lines": [{"no": one.no, "at": one.at, "text": one.text} for one in story.lines],
        "losses": [
            {name: getattr(one, name) for name in one.__dataclass_fields__} for one in story.losses
        ],
    }


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "–"
