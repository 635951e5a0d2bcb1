"""The page that says how often the gate is wrong: Markdown, from what was measured alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assay.cli.gates import goal, rates, refused, share

HEAD = """# How often the gate is wrong

Written by `assay gate calibrate` from what it measured; nothing here is typed by hand. Two errors
are possible: noise is let through, and skill is not seen. Both were counted on families of trials
whose truth is known. A family counts as let through if at least one of its trials reaches PAPER or
better, each trial judged in order of registration with what had been registered by then.
Intervals hold 95 % (Clopper & Pearson 1934); *at most* is the one-sided upper bound at 95 %.
"""
NOISE = """
## Noise

Returns alone, through the checks of the statistics tier that look at nothing else: {trials} trials
a family, {each} of each of {ideas} ideas, correlated by {correlation:g} within an idea; {years:g}
years of days with Student's t distribution, 5 degrees of freedom. No trial has any skill. Below the
first row are other kinds of noise, one thing changed at a time.
"""
POWER = """
## Skill

{trials} trials, of which those of one idea, drawn at random, have the true annual Sharpe ratio of
the first column, and all others none. *Seen* is the share of families in which a trial of that idea
reached PAPER. {false}
"""
CHAIN = """
## The whole chain

Every check, with members that learn, markets and costs: each family is a fresh workspace in which
the experiment below is run as `assay experiment run` does it, over {years:g} years of hourly bars
of the instruments of its market.
"""
SIGNS = """
Turning whole days round leaves what follows what inside a day as it was: where a real market has
such a pattern, the third null still has it, and only its costs stand against it. The real bars were
{symbols}.
"""
MEASURED = """
## How it was measured

{rows}

Again, from a checkout; what is stopped goes on where it was:

```sh
assay gate calibrate --full --keep {keep} --page {page}
assay gate calibrate --chain --families 60 --bars data/ --keep {keep} --page {page}
```
"""
KEEP, PAGE = "bench/results/gate_calibration.json", "docs/explanation/gate-calibration.md"


def page_of(found: Mapping[str, Any]) -> str:
    """Return the page of all sections that were measured; see `calibrating_kept.published`."""
    parts = [HEAD]
    statistics, chain = found.get("statistics"), found.get("chain")
    if statistics:
        parts += [_goals(statistics), _noise(statistics), _power(statistics)]
    if chain:
        parts.append(_chain(chain))
    rows = [
        f"- {name}: {_circumstances(told)}"
        for name, told in (("Returns alone", statistics), ("The whole chain", chain))
        if told
    ]
    return "".join(parts) + MEASURED.format(rows="\n".join(rows), keep=KEEP, page=PAGE)


def _goals(found: Mapping[str, Any]) -> str:
    rows = [
        (one["what"].replace("_", " "), share(one["value"]), goal(one), _held(one))
        for one in found["goals"]
    ]
    return "\n## What it is held to\n\n" + _table(("what", ">measured", ">goal", ""), rows)


def _held(one: Mapping[str, Any]) -> str:
    return "held" if one["held"] else "**missed**"


def _noise(found: Mapping[str, Any]) -> str:
    world = found["noise_world"]
    first = [{**found["noise"], "name": "as described"}] if found["noise"] else []
    rows = [
        (one["name"], f"{one['families']:,}", one["passed"], *rates(one), share(one["upper"]))
        for one in [*first, *found["variants"]]
    ]
    heads = ("families", ">judged", ">let through", ">rate", ">95 %", ">at most")
    return (
        NOISE.format(**world, each=world["trials"] // world["ideas"]) + "\n" + _table(heads, rows)
    )


def _power(found: Mapping[str, Any]) -> str:
    if not found["power"]:
        return ""
    worst = max(one["false_rate"] for one in found["power"])
    false = (
        f"A trial without skill got there before it in at most {share(worst)} of the families of "
        "any row."
    )
    rows = [
        (
            f"{one['true_sharpe']:g}",
            f"{one['years']:g}",
            one["ideas"],
            f"{one['families']:,}",
            *rates(one),
        )
        for one in found["power"]
    ]
    heads = (">true Sharpe", ">years", ">ideas", ">judged", ">seen", ">95 %")
    trials = found["power"][0]["trials"]
    return POWER.format(trials=trials, false=false) + "\n" + _table(heads, rows)


def _chain(found: Mapping[str, Any]) -> str:
    known = [one for one in found["nulls"] if one["families"]]
    rows = [
        (
            one["about"],
            f"{one['families']:,}",
            f"{one['trials']:,}",
            one["passed"],
            *rates(one),
            share(one["upper"]),
            f"{one['mean_gross_sharpe']:.2f}",
            f"{one['mean_net_sharpe']:.2f}",
        )
        for one in known
    ]
    heads = (
        "market", ">families", ">trials", ">let through", ">rate", ">95 %", ">at most",
        ">Sharpe before costs", ">after",
    )  # fmt: skip
    text = CHAIN.format(years=found["years"]) + "\n" + _table(heads, rows)
    if found["real_symbols"]:
        text += SIGNS.format(symbols=" and ".join(found["real_symbols"]))
    if found["left_out"]:
        text += "\nLeft out for want of real bars: " + ", ".join(found["left_out"]) + ".\n"
    text += "\nTrials that each check kept below PAPER, and how many of them no other did:\n\n"
    checks, counts = refused(known)
    return text + _table(checks, counts) + f"\n```text\n{found['file']}```\n"


def _circumstances(found: Mapping[str, Any]) -> str:
    done, wanted = found["families"], found["families_wanted"]
    libraries = ", ".join(f"{name} {version}" for name, version in found["libraries"].items())
    codes = found.get("codes", ())
    several = f", in {len(codes)} states of the code" if len(codes) > 1 else ""
    return (
        f"{done:,} families{'' if done == wanted else f' of {wanted:,} wanted'}{several}, seeds "
        f"from {found['seed']:,} on, {found['seconds'] / 3600:.1f} hours of one processor; profile "
        f"{found['profile']}, gate version {found['gate_version']} "
        f"(`{found['thresholds_digest'][:12]}`); {libraries}."
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [
        "| " + " | ".join(head.lstrip(">") for head in heads) + " |",
        "|" + "|".join("--:" if head.startswith(">") else "---" for head in heads) + "|",
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
    ]
    return "\n".join(lines) + "\n"
