"""The only place that reads settings and puts the parts together."""

import contextlib
import ctypes
import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from assay.cli.main import run
from assay.workflows.stopping import keep_interrupts

if TYPE_CHECKING:
    from datetime import date

    from celery import Celery

    from assay.core.secret import Secret
    from assay.notebook.progress import Asked
    from assay.notebook.workspace import Workspace
    from assay.settings import (
        FeedSettings,
        MacroSettings,
        NewsSettings,
        ProviderSettings,
        Settings,
    )
    from assay.workflows.desk import Desk
    from assay.workflows.jobs.office import Office
    from assay.workflows.jobs.planning import Schedule
    from assay.workflows.macro.feed import MacroFeed
    from assay.workflows.news.planning import NewsFeed
    from assay.workflows.syncing.feeds import Feed, Terms


ONE_THREAD_A_JOB = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:500,muzzy_decay_ms:0",
}
"""Work is shared out by jobs; several threads a job would wait for each other. The last line makes
polars give memory back to the system soon."""
ARENA_MAX, ARENAS = -8, 1
"""glibc's M_ARENA_MAX: with one arena the demo's two threads hold 230 MiB less."""
COMPLETING = "_ASSAY_COMPLETE"
"""Set by the shell's script where a Tab key was pressed."""
RARE_COLLECTIONS = (50_000, 20, 20)
"""Imports make many objects and no garbage: looking for it less often saves 50 ms a command."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock on the wall."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that may look at the wall


def open_workspace(
    home: str | Path | None = None,
    *,
    progress: "Asked" = True,
    seed: int | None = None,
    jobs: int | None = None,
    features: str | None = None,
) -> "Workspace":
    """Open a workspace for Python: the folder `home`, else ASSAY_HOME, else ~/.assay.

    Nothing is read or made before a method asks for it. Settings come from the environment and
    `assay.toml`, as for the command line; `seed`, `jobs` (fits at once) and `features` (standard or
    full) beat both. `progress` is True for bars in a terminal or notebook, False for none, or a
    callable that gets (what, done, total). A setting that cannot be is a `SettingsError`.
    """
    from assay.notebook.workspace import Workspace

    given = {"seed": seed, "jobs": jobs, "features": features}
    told = {name: value for name, value in given.items() if value is not None}
    return Workspace(open_desk(None if home is None else Path(home), **told), progress=progress)


def open_desk(home: Path | None, **given: object) -> "Desk":
    """Build the desk of the workspace at `home`, from flags, environment and `assay.toml`.

    `given` are settings that beat both.
    """
    return _desk(_settings(home, given))


def serve_workspace(
    home: Path | None, given: Mapping[str, object], told: Callable[[str], None]
) -> None:
    """Serve the workspace at `home` until stopped; `told` is called with its address when ready.

    `given` are fields of `Serving` that beat the settings.
    """
    from assay.api.running import serve
    from assay.api.serving import Serving

    settings = _settings(home, {})
    url = settings.redis_url.get_secret_value() if settings.redis_url else None
    own = settings.serve.model_dump(exclude_none=True) | {"redis_url": url} | dict(given)
    own |= {name: tuple(own[name]) for name in ("names", "proxies")}
    desk = _desk(settings)
    serve(desk, Serving(**own), told, _office(settings, desk))


def work_workspace(home: Path | None, given: Mapping[str, object]) -> None:
    """Do jobs of the workspace at `home` until stopped, as Redis brings them.

    `given` are how many at once (`at_once`) and of which `weights`.
    """
    from assay.workflows.jobs.beside import assay_command

    settings = _settings(home, {})
    desk, app = _desk(settings), _celery(settings, "assay worker")
    from assay.workflows.jobs.celery_app import work

    work(app, desk, assay_command(desk.home), **cast("dict[str, Any]", given))


def beat_workspace(home: Path | None, given: Mapping[str, object]) -> None:
    """Queue what is due in the workspace at `home` until stopped, and tell the workers."""
    from assay.workflows.jobs.scheduling import Planner, keep_time

    settings = _settings(home, {})
    desk, app = _desk(settings), _celery(settings, "assay beat")
    from assay.workflows.jobs.celery_app import CelerySend

    keep_time(Planner(desk, _schedule(settings), CelerySend(app, desk), sweeps=True))


def _office(settings: "Settings", desk: "Desk") -> "Office":
    """Return what does the jobs of a service: itself, or workers elsewhere."""
    from assay.workflows.jobs.beside import assay_command
    from assay.workflows.jobs.office import Office

    if not settings.workers:
        return Office(desk, _schedule(settings), assay_command(desk.home))
    app = _celery(settings, "assay serve with workers = true")
    from assay.workflows.jobs.celery_app import CelerySend

    return Office(desk, _schedule(settings), send=CelerySend(app, desk))


def _schedule(settings: "Settings") -> "Schedule":
    from assay.workflows.jobs.planning import schedule_of

    told = {name: one.model_dump() for name, one in settings.schedule.items()}
    return schedule_of(told, timedelta(days=settings.job_days))


def _celery(settings: "Settings", command: str) -> "Celery":
    """Return what carries ids of jobs over Redis; without Redis it is a `SettingsError`."""
    from assay.core.errors import MissingExtraError, SettingsError

    if settings.redis_url is None:
        raise SettingsError(
            f"{command} needs a Redis: set redis_url (ASSAY_REDIS_URL=redis://127.0.0.1:6379/0)"
        )
    try:
        from assay.workflows.jobs.celery_app import celery_app
    except ModuleNotFoundError as error:
        raise MissingExtraError(command, error.name or "celery", "scale") from error
    return celery_app(settings.redis_url.get_secret_value())


def _settings(home: Path | None, given: Mapping[str, object]) -> "Settings":
    from pydantic import ValidationError

    from assay.core.errors import SettingsError
    from assay.settings import Settings

    try:
        told = {**given, "home": home} if home else dict(given)
        settings = Settings(**cast("dict[str, Any]", told))
    except (ValidationError, ValueError) as error:
        raise SettingsError(_first_sentence(error)) from None
    if settings.home.expanduser().is_file():
        raise SettingsError(f"The workspace {settings.home} is a file; name a folder with --home")
    return settings


def _desk(settings: "Settings") -> "Desk":
    from assay.workflows.desk import Desk

    url = settings.database_url.get_secret_value() if settings.database_url else None
    return Desk(
        home=settings.home.expanduser(),
        clock=SystemClock(),
        database_url=url,
        seed=settings.seed,
        jobs=settings.jobs,
        risk_fraction=settings.risk_fraction,
        device=settings.device,
        features=settings.features,
        history_days=settings.history_days,
        retrain_days=settings.retrain_days,
        fine_tune=settings.fine_tune,
        least_coverage=settings.least_coverage,
        feeds={name.upper(): _feed(name, one) for name, one in settings.feeds.items()},
        news=_news(settings.news),
        macro=_macro(settings.macro),
        terms={name: _terms(one) for name, one in settings.providers.items()},
        secret=_secret,
    )


def _feed(name: str, told: "FeedSettings") -> "Feed":
    from assay.core.values.instrument import AssetClass
    from assay.core.values.timeframe import Timeframe
    from assay.workflows.syncing.feeds import Feed

    return Feed(
        symbol=name.upper(),
        sources=tuple(told.sources),
        timeframes=tuple(Timeframe.parse(one) for one in told.timeframes),
        since=_midnight(told.since),
        asset_class=AssetClass(told.kind) if told.kind else None,
        calendar=told.calendar,
        names=tuple(told.names),
    )


def _news(told: "NewsSettings | None") -> "NewsFeed | None":
    from assay.workflows.news.planning import NewsFeed

    return NewsFeed(tuple(told.sources), _midnight(told.since)) if told else None


def _macro(told: "MacroSettings | None") -> "MacroFeed | None":
    from assay.workflows.macro.feed import MAJORS, MacroFeed

    if told is None:
        return None
    currencies = tuple(one.upper() for one in told.currencies or MAJORS)
    return MacroFeed(tuple(told.sources), currencies, _midnight(told.since))


def _midnight(day: "date | None") -> datetime | None:
    """Return the beginning of a day in UTC."""
    return datetime.combine(day, time(), UTC) if day else None


def _terms(told: "ProviderSettings") -> "Terms":
    from assay.sources.provider import Limit
    from assay.workflows.syncing.feeds import Terms

    limits = tuple(Limit(*one) for one in told.limits) if told.limits is not None else None
    symbols = {name.upper(): theirs for name, theirs in told.symbols.items()}
    return Terms(limits, told.address, told.stream, told.zone, tuple(told.places), symbols)


def _secret(name: str) -> "Secret | None":
    from assay.core.secret import Secret
    from assay.settings import secret_of

    found = secret_of(name)
    return Secret(found) if found else None


def folder_of(home: Path | None) -> Path:
    """Return the workspace's folder as `Settings` finds it, without the time that takes."""
    return Path(home or os.environ.get("ASSAY_HOME") or Path.home() / ".assay").expanduser()


def _first_sentence(error: Exception) -> str:
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            return (
                f"There is no setting {name!r}; keys of providers belong in the environment "
                "(assay data sources says under which name), not in assay.toml"
            )
        return f"The setting {name!r} cannot be {first.get('input')!r}: {first['msg']}"
    return f"assay.toml cannot be read: {error}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    for name, value in ONE_THREAD_A_JOB.items():
        os.environ.setdefault(name, value)
    gc.set_threshold(*RARE_COLLECTIONS)
    _share_memory()
    keep_interrupts()
    words = sys.argv[1:] if arguments is None else list(arguments)
    completing = COMPLETING in os.environ
    work = {"worker": work_workspace, "beat": beat_workspace}
    sys.exit(run(words, open_desk, folder_of, serve_workspace, work, completing=completing))


def _share_memory() -> None:
    """Let all threads allocate from one arena where the C library is glibc."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").mallopt(ARENA_MAX, ARENAS)
