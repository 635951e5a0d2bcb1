"""How one run of an experiment looks in a terminal, and several side by side."""

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from assay.cli import say
from assay.cli.experiments import (
    FIGURE_HEADS,
    NOTHING,
    counted,
    figure_cells,
    mark,
    number,
    percent,
    seconds,
)
from assay.core.ids import canonical
from assay.evaluation.page import show

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_BESIDE = 6
"""So many runs have a column of their own beside what differs."""
MOST_TRIES = 10


def shown(found: Mapping[str, Any]) -> "RenderableType":
    """Return everything about one run: the question, how it was made, what it found."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [
        Group(
            Text(f"{found['title']}{mark(found)}, {found['id']}, {found['status']}", style="bold"),
            Text(found["hypothesis"]),
        ),
        say.facts(_facts(found)),
        Group(Text("Configuration", style="bold"), Text(_yaml(found["configuration"]))),
    ]
    if found["figures"]:
        parts += [
            say.table(
                f"Figures, 95 % interval by blocks of days{mark(found)}",
                FIGURE_HEADS,
                [figure_cells(found["figures"])],
            ),
            _variants(found["figures"]["sharpe"]),
            _by_seed(found["figures"]),
        ]
    if found["folds"]:
        parts.append(_by_fold(found["folds"]))
    if found["tries"]:
        parts.append(_tries(found["tries"]))
    if found["verdict"]:
        parts.append(verdict(found))
    return Group(*_apart(parts))


def verdict(found: Mapping[str, Any]) -> "RenderableType":
    """Return what the gate said of a run, line by line."""
    said = {True: "passed", False: "failed", None: "not judged"}
    rows = [
        (one["tier"], one["check"], said[one["passed"]], one["sentence"])
        for one in found["verdict_lines"]
    ]
    return say.table(f"The gate: {found['verdict']}", ("tier", "check", "", "because"), rows)


def compared(found: Mapping[str, Any]) -> "RenderableType":
    """Return runs side by side: figures, what differs, and the first against each other."""
    from rich.console import Group
    from rich.text import Text

    names = [_letter(place) for place in range(len(found["runs"]))]
    pairs = [_pair(names[0], n, one) for n, one in zip(names[1:], found["paired"], strict=True)]
    if len(pairs) > 1:
        pairs.append(
            f"{len(pairs)} intervals were looked at: about one in twenty misses the truth by "
            "chance alone."
        )
    runs = [
        (name, one["id"], f"{one['title']}{mark(one)}", one["status"], *_days(one))
        for name, one in zip(names, found["runs"], strict=True)
    ]
    figures = [
        (name, *figure_cells(one["figures"]))
        for name, one in zip(names, found["runs"], strict=True)
    ]
    parts: list[RenderableType] = [
        say.table("Runs", ("", "run", "experiment", "status", "first day", "last day"), runs),
        say.table("Figures, 95 % interval by blocks of days", ("", *FIGURE_HEADS), figures),
        _differences(found["differences"], names),
        Text("\n".join([*(f"{one}." for one in found["remarks"]), *pairs])),
    ]
    return Group(*_apart(parts))


def _apart(parts: Sequence["RenderableType"]) -> "list[RenderableType]":
    """Return the parts with an empty line between each two."""
    spaced: list[RenderableType] = [parts[0]]
    for part in parts[1:]:
        spaced += ["", part]
    return spaced


def _days(one: Mapping[str, Any]) -> tuple[str, str]:
    return one["first_day"] or NOTHING, one["last_day"] or NOTHING


def _facts(found: Mapping[str, Any]) -> list[tuple[str, object]]:
    lines = found["uncommitted_lines"]
    changes = {None: "not known", 0: "none"}.get(lines, f"{lines} lines of uncommitted changes")
    ended = found["finished_at"]
    peak = found["peak_mb"]
    tried = counted(found["tried_in_family"], "configuration")
    told: list[tuple[str, object]] = [
        ("family", f"{found['family']}, in which {tried} {_were(found)} tried so far"),
        ("primary metric", f"{found['primary_metric']}: {_plain(found['primary'])}"),
        ("gate", found["profile"]),
        ("seeds", ", ".join(map(str, found["seeds"]))),
        ("started", f"{found['started_at']:%Y-%m-%d %H:%M:%S} UTC"),
        ("ended", f"{ended:%Y-%m-%d %H:%M:%S} UTC" if ended else NOTHING),
        ("took", seconds(found["seconds"])),
        ("memory", f"{peak:,.0f} MB at most in a worker" if peak else NOTHING),
        ("code", f"{found['code_version']}, changes beyond it: {changes}"),
        ("data", found["data_fingerprint"]),
        ("libraries", ", ".join(f"{name} {v}" for name, v in found["libraries"].items())),
        ("machine", ", ".join(f"{name} {v}" for name, v in found["machine"].items())),
    ]
    if found["reason"]:
        told.insert(0, ("reason", found["reason"]))
    return told


def _were(found: Mapping[str, Any]) -> str:
    return "was" if found["tried_in_family"] == 1 else "were"


def _variants(sharpes: Mapping[str, float | None]) -> "RenderableType":
    return say.table(
        "Sharpe of the same decisions under other assumptions, and of what needs no model",
        [f">{name}" for name in sharpes],
        [[_plain(value) for value in sharpes.values()]],
    )


def _by_seed(figures: Mapping[str, Any]) -> "RenderableType":
    rows = [
        (
            seed,
            _plain(figures["net_sharpe_by_seed"][seed]),
            percent(figures["hit_rate"][seed]),
            _nats(figures["log_loss_gain"][seed]),
            _plain(figures["information_coefficient"][seed], 3),
            number(figures["trades"][seed]),
        )
        for seed in figures["net_sharpe_by_seed"]
    ]
    heads = (">seed", ">net Sharpe", ">hit rate", ">gain, 1e-4 nats", ">rank IC", ">trades")
    return say.table("By seed", heads, rows)


def _by_fold(folds: Sequence[Mapping[str, Any]]) -> "RenderableType":
    rows = [
        (
            one["fold"],
            one["seed"],
            f"{one['first_day']} to {one['last_day']}",
            f"{one['days']:,}",
            percent(one["net_return"]),
            number(one["trades"]),
            percent(one["hit_rate"]),
            _nats(one["log_loss_gain"]),
            seconds(one["seconds"]),
        )
        for one in folds
    ]
    heads = (">fold", ">seed", "tested on", ">days", ">net return", ">trades", ">hit rate")
    return say.table("By fold and seed", (*heads, ">gain, 1e-4 nats", ">took"), rows)


def _tries(tries: Sequence[Mapping[str, Any]]) -> "RenderableType":
    best = sorted(
        tries, key=lambda one: one["scores"][-1] if one["state"] == "finished" else float("-inf")
    )[::-1]
    rows = [
        (
            one["fold"],
            one["state"],
            _nats(one["scores"][-1] if one["scores"] else None),
            ", ".join(f"{name} {_text(value)}" for name, value in one["settings"].items()),
            one["reason"] or "",
        )
        for one in best[:MOST_TRIES]
    ]
    title = f"Tries of the search, the best of {len(tries):,} (all with --json)"
    return say.table(title, (">fold", "state", ">gain, 1e-4 nats", "settings", ""), rows)


def _differences(found: Sequence[Mapping[str, Any]], names: Sequence[str]) -> "RenderableType":
    from rich.text import Text

    if not found:
        return Text("Nothing differs in what they asked.")
    shown = names[:MOST_BESIDE]
    more = f", the first {MOST_BESIDE} runs (all with --json)" if len(names) > MOST_BESIDE else ""
    rows = [(one["key"], *(_text(value) for value in one["values"][: len(shown)])) for one in found]
    return say.table(f"What differs{more}", ("", *shown), rows)


def _pair(first: str, second: str, one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return f"{first} and {second} share {counted(one['days'], 'day')}, too few to compare."
    told = {key: one[key] * 1e4 for key in ("value", "low", "high")} | {"days": one["days"]}
    apart = one["low"] > 0 or one["high"] < 0
    better = first if one["value"] > 0 else second
    said = f"{better} earned more" if apart else "they cannot be told apart"
    return (
        f"{first} less {second}: {show(told)} basis points a day, net, over {one['days']:,} shared "
        f"days; {said}."
    )


def _letter(place: int) -> str:
    """Return A to Z, then A1 and so on."""
    around, at = divmod(place, len(ascii_uppercase))
    return f"{ascii_uppercase[at]}{around or ''}"


def _nats(value: float | None) -> str:
    return NOTHING if value is None else f"{value * 1e4:+.1f}"


def _plain(value: float | None, digits: int = 2) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def _text(value: Any) -> str:  # noqa: ANN401 - plain data
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else canonical(value).decode()


def _yaml(told: Mapping[str, Any]) -> str:
    import yaml  # type: ignore[import-untyped]  # it has none of its own

    text: str = yaml.safe_dump(dict(told), sort_keys=False, allow_unicode=True, width=90)
    return text.rstrip()
