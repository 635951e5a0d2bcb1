"""How an explanation looks in a terminal: why, how do you know, what would change it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from assay.cli import say

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from assay.workflows.explain import Driver, Explanation, Since, WhatIf, Why
    from assay.workflows.provenance import Provenance, Source

DRIVEN = 3
"""How many members are shown with their drivers."""
LEANS = 5
LEAST_PART = 5e-5
"""Members whose part is smaller, in log-odds, are not gone into: it is shown as 0.0000."""
BAR = 34
HALF = 8
"""Cells on each side of the middle in a bar of what moved an answer."""
SIDES = {"LONG": "green", "SHORT": "red", "WAIT": "yellow"}


def show(found: "Explanation") -> None:
    """Print the explanation."""
    page = say.page()
    simulated = "   simulated" if found.how.simulated else ""
    page.print(
        f"[bold]{found.symbol} {found.timeframe}[/]   bar of {_minute(found.as_of)} UTC"
        f"{simulated}   [dim]{found.id}[/]",
        highlight=False,
    )
    _why(page, found.why)
    _how(page, found.how)
    _what_if(page, found.what_if)
    if found.since:
        _since(page, found.since)


def _head(page: "Console", title: str) -> None:
    page.print()
    page.rule(f"[bold]{title}", align="left", characters="─", style="dim")


def _why(page: "Console", why: "Why") -> None:
    from rich.text import Text

    _head(page, "Why")
    page.print(Text(why.decision, style=f"bold {SIDES[why.decision]}"), Text(why.sentence))
    page.print(
        Text(
            f"Conviction {why.conviction:.0f} of 100, {why.tier}, {why.evidence}; the probability "
            f"lies between {why.low:.3f} and {why.high:.3f} (90 %)."
        )
    )
    page.print()
    page.print(waterfall(why))
    _silent(page, why)
    for part in [p for p in why.parts if p.drivers and abs(p.part) >= LEAST_PART][:DRIVEN]:
        page.print()
        page.print(
            f"What drove [bold]{part.member} {part.timeframe}[/] "
            f"[dim](in its own log-odds, before calibration and weight{_found(part.method)})[/]",
            highlight=False,
        )
        page.print(_drivers(part.drivers))
        if part.moments:
            page.print(_moments(part.moments))
        if part.leans_on:
            named = ", ".join(f"{name} {by:.3f}" for name, by in part.leans_on[:LEANS])
            page.print(Text(f"In general it leans on {named}.", style="dim"))
    for part in [p for p in why.parts if p.withheld and p.part]:
        said = f"No account of {part.member} {part.timeframe} is shown: {part.withheld}."
        page.print(Text(said, style="dim"))
    page.print()
    page.print(say.facts(_opinions(why)))


def waterfall(why: "Why") -> "RenderableType":
    """Return the parts as steps from the usual log-odds to the pooled ones."""
    from rich.text import Text

    steps = [part for part in why.parts if part.part]
    levels = [why.base_log_odds]
    for part in steps:
        levels.append(levels[-1] + part.part)
    low, high = min(levels), max(levels)
    rows: list[tuple[object, ...]] = [
        ("usual rate of rises", f"{levels[0]:+.4f}", _mark(levels[0], low, high), "")
    ]
    for part, before, after in zip(steps, levels[:-1], levels[1:], strict=True):
        colour = "green" if part.part > 0 else "red"
        rows.append(
            (
                f"{part.member} {part.timeframe}",
                f"{part.part:+.4f}",
                Text(_step(before, after, low, high), style=colour),
                f"says {part.probability:.3f}, weighs {part.weight * 100:.0f} %",
            )
        )
    rows.append(
        (
            Text("together", style="bold"),
            Text(f"{why.log_odds:+.4f}", style="bold"),
            _mark(levels[-1], low, high),
            f"P(up) {why.probability:.3f}",
        )
    )
    return say.table("", ("", ">log-odds", "", ""), rows)


def _cell(value: float, low: float, high: float) -> int:
    return round((value - low) / (high - low) * (BAR - 1)) if high > low else BAR // 2


def _mark(value: float, low: float, high: float) -> str:
    return " " * _cell(value, low, high) + "┃"


def _step(before: float, after: float, low: float, high: float) -> str:
    first, last = sorted((_cell(before, low, high), _cell(after, low, high)))
    return " " * first + ("━" * (last - first) if last > first else "·")


def _silent(page: "Console", why: "Why") -> None:
    """Say who adds nothing, grouped by the reason."""
    from rich.text import Text

    groups: dict[str, list[str]] = {}
    for part in why.parts:
        if not part.part:
            note = (part.note or "says what is usual").partition(" (")[0]
            groups.setdefault(note, []).append(f"{part.member} {part.timeframe}")
    for note, names in groups.items():
        page.print(Text(f"Adds nothing: {', '.join(names)}: {note}.", style="dim"))


def _found(method: str | None) -> str:
    return "; found by putting each column at its usual value" if method == "occlusion" else ""


def _drivers(drivers: Iterable["Driver"]) -> "RenderableType":
    every = list(drivers)
    most = max((abs(one.moved) for one in every), default=0.0)
    rows = [
        (
            one.column,
            "–" if one.value is None else f"{one.value:.3f}",
            f"{one.moved:+.3f}",
            bar(one.moved, most),
            one.summary,
        )
        for one in every
    ]
    return say.table("", ("feature", ">value", ">moved it", "down | up", "what it is"), rows)


def _moments(stretches: Iterable[tuple[int, int, float]]) -> "RenderableType":
    """Return which bars did it: the same as the drivers, by stretches of the window."""
    every = list(stretches)
    most = max((abs(by) for _, _, by in every), default=0.0)
    rows = [
        (f"{last} to {first} bars ago" if last else f"the last {first + 1} bars", f"{by:+.3f}",
         bar(by, most))
        for first, last, by in reversed(every)
    ]  # fmt: skip
    return say.table("", ("bars", ">moved it", "down | up"), rows)


def bar(value: float, most: float) -> "Text":
    """Return a bar from the middle of a cell, down to the left and up to the right."""
    from rich.text import Text

    size = round(abs(value) / most * HALF) if most else 0
    left, right = ("━" * size if value < 0 else "", "━" * size if value > 0 else "")
    style = "green" if value > 0 else "red"
    return Text.assemble((left.rjust(HALF), style), ("│", "dim"), (right.ljust(HALF), style))


def _opinions(why: "Why") -> Iterator[tuple[str, str]]:
    each = [
        f"{name} {'nothing to compare' if value is None else f'{value:.0f}'}"
        for name, value in why.agreement_by_timeframe.items()
    ]
    together = "too few voices" if why.agreement is None else f"{why.agreement:.0f} of 100"
    yield (
        "agreement",
        f"{together} among {why.effective_members:.1f} effective members; {', '.join(each)}",
    )
    view = why.view
    if view["p_up"] is None:
        yield "analyst, blind", f"abstained: {str(view['abstained']).replace('_', ' ')}"
    else:
        yield (
            "analyst, blind",
            f"{view['p_up'] * 100:.0f} % to a rise, regime {view['regime']} ({view['provider']})",
        )
    for name, points in (("for it", view["evidence"]), ("against it", view["counter_evidence"])):
        for point in points:
            yield name, f"{point['claim']} [{point['ref']}]"
    verdict = why.verdict
    reason = f", {verdict['challenge'].replace('_', ' ')}" if verdict["challenge"] else ""
    cap = f"; at most {verdict['size_cap'] * 100:.0f} % of the size"
    yield (
        "verdict",
        f"{verdict['kind']}{reason}{cap if verdict['size_cap'] < 1 else ''}. "
        f"Objection: {verdict['objection']}",
    )


def _how(page: "Console", how: "Provenance") -> None:
    from rich.text import Text

    _head(page, "How do you know")
    for warning in how.warnings:
        page.print(Text(warning, style="bold yellow"))
    page.print(say.facts(_proof(how)))
    page.print()
    page.print(_sources(how.sources))
    page.print()
    broken = [s for s in how.sources if s.state == "quarantined"]
    for source in broken:
        page.print(Text(f"{source.member} {source.timeframe}: {source.problem}", style="red"))
    page.print(say.facts(_record(how)))


def _proof(how: "Provenance") -> Iterator[tuple[str, str]]:
    proof = how.proof
    span = f"{_day(proof.first)} to {_day(proof.last)}; fusion {proof.fusion[:12]}"
    if not proof.days:
        yield (
            "evidence",
            f"{proof.evidence}: no member has weighed out of sample, so there is nothing to test; "
            f"{proof.outcomes:,} outcomes that do not overlap, {span}",
        )
        if proof.problem:
            yield "", proof.problem
        return
    worth = (
        f": worth a hit rate of {proof.like_hits * 100:.1f} %" if proof.like_hits else ": no gain"
    )
    yield (
        "evidence",
        f"{proof.evidence}: out of sample the pool gained {proof.gain * 1e4:+.1f}e-4 nats a bar "
        f"over climatology (90 %: {proof.low * 1e4:+.1f} to {proof.high * 1e4:+.1f}){worth}",
    )
    p_value = f"p {proof.p_value:.4f}" if proof.p_value >= 1e-4 else "p below 0.0001"
    yield (
        "",
        f"{p_value}, {proof.level:.2f} is asked; {proof.days:,} days and "
        f"{proof.outcomes:,} outcomes that do not overlap, {span}",
    )
    if proof.over_best is not None and proof.over_equal is not None:
        yield (
            "",
            f"over the best single member {proof.over_best * 1e4:+.1f}e-4, over equal weights "
            f"{proof.over_equal * 1e4:+.1f}e-4 nats a bar",
        )
    if proof.problem:
        yield "", proof.problem


def _sources(sources: Iterable["Source"]) -> "RenderableType":
    rows = [
        (
            f"{one.member} {one.timeframe}",
            f"{one.skill * 1e4:.1f} ± {one.skill_error * 1e4:.1f}"
            if one.skill_error < 0.5
            else "–",
            f"{_month(one, 'train', 'start')} to {_month(one, 'calibrate', 'end')}",
            f"{one.spans['train']['rows']:,}" if "train" in one.spans else "–",
            one.artefact[:12],
            one.state,
        )
        for one in sources
    ]
    columns = (
        "member",
        ">skill, 1e-4 nats",
        "learned from",
        ">training rows",
        "artefact",
        "state now",
    )
    return say.table("", columns, rows)


def _record(how: "Provenance") -> Iterator[tuple[str, str]]:
    seen, journal = how.seen, how.journal
    yield (
        "bars",
        f"{seen.bars:,} bars, {_minute(seen.first)} to {_minute(seen.last)} UTC, fingerprint "
        f"{seen.fingerprint[:12]}. {seen.sentence}",
    )
    for entry in journal.entries:
        yield (
            "journal",
            f"entry {entry['no']:,}  {entry['at']:%Y-%m-%d %H:%M:%S}  {entry['stage']:<10}  "
            f"{entry['digest'][:12]}",
        )
    order = (
        "the blind view was sealed before anything the models said was written"
        if journal.sealed_first and journal.seal_holds
        else "it is NOT shown that the blind view was sealed first"
    )
    chain = (
        f"the chain of {journal.read:,} entries is intact" if journal.intact else journal.problem
    )
    yield "", f"{order}; {chain}"


def _what_if(page: "Console", found: "WhatIf") -> None:
    _head(page, "What would change it")
    page.print(say.facts(_changes(found)))


def _changes(found: "WhatIf") -> Iterator[tuple[str, str]]:
    said = {reason.code for reason in found.reasons}
    for reason in found.reasons:
        mark = "" if reason.blocks else " This alone forbids nothing."
        lift = f"{reason.lift[:1].upper()}{reason.lift[1:]}."
        yield reason.code.replace("_", " "), f"{reason.sentence} {lift}{mark}"
    for goal in found.thresholds:
        if goal.goal != "MODERATE" or "low_conviction" not in said:
            yield goal.goal, goal.sentence
    costs = found.costs
    yield (
        "cost",
        f"the pool expects {costs.side_move * 1e4:+.1f} basis points to its side "
        f"({costs.side_sigma:+.3f} σ); a round trip costs {costs.round_trip * 1e4:.1f}, so a trade "
        f"pays from {costs.needed * 1e4:.1f} ({costs.needed_sigma:.3f} σ)",
    )
    yield from _quiet(found)


def _quiet(found: "WhatIf") -> Iterator[tuple[str, str]]:
    if found.repool.problem:
        yield "without one", f"not computed: {found.repool.problem}"
        return
    turning = [one for one in found.silenced if one.changes]
    for one in turning:
        yield (
            f"without {one.member} {one.timeframe}",
            f"{' and '.join(one.changes)}; P(up) {one.probability:.3f}, score {one.score:.0f}",
        )
    if not turning:
        worst = min(found.silenced, key=lambda one: one.score, default=None)
        least = (
            f"; without {worst.member} {worst.timeframe} the score is {worst.score:.0f} and P(up) "
            f"{worst.probability:.3f}"
            if worst
            else ""
        )
        yield "without one", f"no single member changes side or tier{least}"
    if not found.repool.same:
        yield (
            "asked again",
            f"pooled anew from what was stored, a part differs by {found.repool.difference:.1e}",
        )


def _since(page: "Console", found: "Since") -> None:
    _head(page, "What came of it (hindsight: nobody knew this then)")
    state = f"{found.outcome}" if found.outcome else f"{found.bars} of {found.horizon_bars} bars"
    verdict = {True: ", a hit", False: ", a miss", None: ""}[found.hit]
    rows = [
        (
            "outcome",
            f"{state}{verdict}: {found.log_return * 1e4:+.1f} basis points by "
            f"{_minute(found.until)} UTC, {found.scaled:+.2f} of the volatility expected over the "
            "horizon",
        )
    ]
    if found.exit:
        rows.append(("position", found.exit))
    page.print(say.facts(rows))


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _month(source: "Source", span: str, end: str) -> str:
    return str(source.spans[span][end])[:7] if span in source.spans else "–"
