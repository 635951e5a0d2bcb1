"""How experiments and their runs look in a terminal: plans, lines, tables."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from assay.cli import say
from assay.evaluation.page import show

if TYPE_CHECKING:
    from rich.console import RenderableType

NOTHING = "–"


def planned(found: Sequence[Mapping[str, Any]]) -> "RenderableType":
    """Return the runs that files ask for."""
    from rich.console import Group
    from rich.text import Text

    rows = [
        (
            one["title"],
            one["family"],
            one["model"],
            f"{one['label']}, {one['horizon_bars']} bars",
            f"{', '.join(one['instruments'])} {one['timeframe']}{mark(one)}",
            f"{one['splits']}, {one['folds']}",
            len(one["seeds"]),
            f"{one['fits']:,}" + (f" + {one['tries']:,} in search" if one["tries"] else ""),
        )
        for one in found
    ]
    heads = ("run", "family", "model", "label", "on", "splits, folds", ">seeds", ">fits")
    fits = sum(one["fits"] + one["tries"] for one in found)
    last = f"{counted(len(found), 'run')}, {counted(fits, 'fit')}; nothing is wrong in them"
    if found and "first_day" in found[0]:
        days = f"{min(o['first_day'] for o in found)} to {max(o['last_day'] for o in found)}"
        last += f", and the stored history suffices ({days})"
    return Group(say.table("", heads, rows), Text(last))


def line(one: Mapping[str, Any]) -> str:
    """Return one run that has ended in a line."""
    if one["reason"]:
        return f"{one['title']} failed: {one['reason']} ({one['id']})"
    figures = one["figures"]
    return (
        f"{one['title']}{mark(figures)}: net Sharpe {show(figures['net_sharpe'])}, hit rate "
        f"{percent(middle(figures['hit_rate']))}, {number(middle(figures['trades']))} trades, "
        f"{seconds(one['seconds'])} ({one['id']})"
    )


def ended(done: Sequence[Mapping[str, Any]]) -> "RenderableType":
    """Return the runs that this command ended, and those that failed with their reason."""
    from rich.console import Group
    from rich.text import Text

    rows = [
        (one["id"], one["title"], *short_cells(one), one["verdict"] or one["status"])
        for one in done
    ]
    heads = ("run", "experiment", *SHORT_HEADS, "verdict")
    simulated = any((one["figures"] or {}).get("simulated") for one in done)
    title = "Runs, 95 % interval by blocks of days" + (" (simulated)" if simulated else "")
    failed = [
        Text(f"{one['id']} failed: {one['reason']}", style="red") for one in done if one["reason"]
    ]
    return Group(say.table(title, heads, rows), *failed)


def runs(found: Sequence[Mapping[str, Any]]) -> "RenderableType":
    """Return runs of the past, in the order in which they come."""
    rows = [
        (
            one["no"],
            one["id"],
            f"{one['title']}{mark(one)}",
            one["family"],
            one["status"],
            show(one["net_sharpe"]) if one["net_sharpe"] else NOTHING,
            one["verdict"] or NOTHING,
            f"{one['started_at']:%Y-%m-%d %H:%M}",
            seconds(one["seconds"]),
        )
        for one in found
    ]
    heads = (">no", "run", "experiment", "family", "status", ">net Sharpe", "verdict", "started")
    return say.table("Runs, newest last", (*heads, ">seconds"), rows)


def files(found: Sequence[Mapping[str, Any]]) -> "RenderableType":
    """Return the experiments that come with Assay."""
    rows = [
        (one["name"], one["family"], one["runs"], ", ".join(one["models"]), _first(one))
        for one in found
    ]
    heads = ("name", "family", ">runs", "models", "hypothesis, its beginning (all with --json)")
    return say.table("Experiments that come with Assay", heads, rows)


def _first(one: Mapping[str, Any]) -> str:
    """Return the first sentence of a hypothesis."""
    text: str = one["hypothesis"]
    return text.partition(". ")[0].rstrip(".") + "."


SHORT_HEADS = (">net Sharpe", ">hit rate", ">trades", ">days", ">seconds")


def short_cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of a run under `SHORT_HEADS`."""
    figures = one["figures"]
    if not figures:
        return (*(NOTHING,) * (len(SHORT_HEADS) - 1), seconds(one["seconds"]))
    return (
        show(figures["net_sharpe"]),
        percent(middle(figures["hit_rate"])),
        number(middle(figures["trades"])),
        f"{figures['days']:,}",
        seconds(one["seconds"]),
    )


FIGURE_HEADS = (
    ">net Sharpe",
    ">net return",
    ">drawdown",
    ">hit rate",
    ">gain, 1e-4 nats",
    ">rank IC",
    ">trades",
    ">days",
)


def figure_cells(figures: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the cells under `FIGURE_HEADS`: of what each seed found, the median over seeds."""
    if not figures:
        return (NOTHING,) * len(FIGURE_HEADS)
    gain = middle(figures["log_loss_gain"])
    correlation = middle(figures["information_coefficient"])
    return (
        show(figures["net_sharpe"]),
        show(figures["net_return"], percent=True, digits=1),
        show(figures["drawdown"], percent=True, digits=1),
        percent(middle(figures["hit_rate"])),
        NOTHING if gain is None else f"{gain * 1e4:+.1f}",
        NOTHING if correlation is None else f"{correlation:+.3f}",
        number(middle(figures["trades"])),
        f"{figures['days']:,}",
    )


def middle(by_seed: Mapping[str, float | None]) -> float | None:
    """Return the median of what the seeds found, None where none found anything."""
    known = [value for value in by_seed.values() if value is not None]
    return float(median(known)) if known else None


def percent(value: float | None) -> str:
    """Return a share in percent."""
    return NOTHING if value is None else f"{value * 100:.1f} %"


def number(value: float | None) -> str:
    """Return a count."""
    return NOTHING if value is None else f"{value:,.0f}"


def seconds(value: float | None) -> str:
    """Return how long something took."""
    return NOTHING if value is None else f"{value:,.1f} s"


def counted(count: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def mark(one: Mapping[str, Any]) -> str:
    """Return what must be said of simulated bars."""
    return " (simulated)" if one.get("simulated") else ""


def looked(found: Mapping[str, Any]) -> "RenderableType":
    """Return what a look into the lock box showed, and how many there were."""
    figures = found["figures"]
    looks = found["looks"]
    rows = [
        ("run", f"{found['title']} ({found['trial']})"),
        ("locked away", f"{found['from']:%Y-%m-%d} to {found['to']:%Y-%m-%d}"),
        ("net Sharpe", show(figures["net_sharpe"])),
        ("net return", show(figures["net_return"], percent=True, digits=1)),
        ("hit rate", percent(middle(figures["hit_rate"]))),
        ("round trips", number(middle(figures["trades"]))),
        ("looks", f"{looks} of the family {found['family']}, this one among them"),
    ]
    return say.facts(rows)
