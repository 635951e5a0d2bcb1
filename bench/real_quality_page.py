"""The page of `bench/real_quality.py`: what the checks find in real files."""

from collections.abc import Mapping, Sequence
from typing import Any

HEAD = """\
# What the checks find in real files

Written by `bench/real_quality.py` from its run; no figure of a result was typed. Each price file of
a collection of public files (exchanges, brokers' terminals, vendors of quotes; not ours to ship)
was imported into a fresh workspace, with no word about its clock, unit or layout and only said to
be a share or an index where its name does not tell, and then looked at by `assay data check`.
Coverage is the share of the bars that the trading calendar expects between the first and the last
one that are there; flagged are bars that [a rule](bad-bars.md) calls misleading; score = 100 x
coverage x (1 - share of flagged bars).
"""
QUIRKS = """\
## What was known before, and whether it was found

Whoever gathered the files wrote down what is odd about them, mostly by comparing them with other
sources. Each line asks whether our checks say the same by themselves, and by what name. It is no
blind test: the limits of the rules were set with defects that were planted into these series, and
the import was made with the files under `quirks/` at hand. The first run found 35 of the 41. The
other six, one of them since the second run, are found by rules that were added or widened with this
table in sight; their lines say so. What those rules say of all the other files is counted in
[bad bars](bad-bars.md).
"""
FOOT = """\
## How to read it

- **A gap is no verdict.** A feed that never had the night session, and a week in which an exchange
  was down, look alike: bars that the calendar expects are not there.
- **A flag is a question.** The yen's crash of January 2019 is a spike by the rule, and it happened.
- **A refusal is a finding**, the best there is: a file that holds its own future, or whose clock
  cannot be known, costs most when it is read in silence.
- **The score counts what can be counted.** A wrong clock that no rule sees, a perpetual future that
  is taken for the coin, or a volume that is another market's leave it at 100.
- **A share of volume** says nothing where one publisher counts ticks and the other lots, as the two
  of gold do.
"""


def page(found: Mapping[str, Any]) -> str:
    """Return the page as Markdown."""
    known = [one for one in found["quirks"] if not one["happened"]]
    events = [one for one in found["quirks"] if one["happened"]]
    hit, quiet = (sum(bool(one["found"]) for one in some) for some in (known, events))
    others = "" if hit == len(known) else "; why the others were not is said beside them"
    told = (
        f"\n{hit} of {len(known)} known oddities were found by name{others}. Of {len(events)} "
        f"moves that look wrong and happened, {quiet} raise no flag.\n"
    )
    parts = (
        HEAD,
        _files(found["files"]),
        _refused(found["files"]),
        QUIRKS + told,
        _quirks(known, "**not found**"),
        "What looks wrong and happened:\n",
        _quirks(events, "**flagged**"),
        _pairs(found["pairs"]),
        FOOT,
    )
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; a column that begins with ">" is right-aligned."""
    head = " | ".join(name.lstrip(">") for name in columns)
    rule = "|".join("--:" if name.startswith(">") else "---" for name in columns)
    body = "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows
    )
    return f"| {head} |\n|{rule}|\n{body}\n"


def _files(files: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            f"`{one['file']}`" + (f" {one['symbol']}" if "stocknet" in one["file"] else ""),
            f"{one['bars']:,}",
            f"{one['coverage']:.2%}".replace("%", " %"),
            f"{one['gaps']:,}",
            f"{one['longest']:,}",
            f"{one['flagged']:,}",
            f"{one['score']:.2f}",
            f"{one['outside']:,}",
            ", ".join(f"{bars:,} {code}" for code, bars in one["codes"].items()) or "–",
        )
        for one in files
        if "bars" in one
    ]
    columns = (
        *("file", ">bars", ">coverage", ">gaps", ">longest, bars", ">flagged", ">score"),
        *(">outside hours", "by code, bars"),
    )
    return f"## By file\n\n{table(columns, rows)}"


def _refused(files: Sequence[Mapping[str, Any]]) -> str:
    rows = [(f"`{one['file']}`", one["refused"]) for one in files if "bars" not in one]
    return f"Not read, each with the sentence that a person sees:\n\n{table(('file', 'why'), rows)}"


def _quirks(quirks: Sequence[Mapping[str, Any]], missing: str) -> str:
    rows = [
        (
            f"`{one['file']}`",
            one["what"],
            _short(one["found"]) or missing,
            one["else"] or "",
        )
        for one in quirks
    ]
    return table(("file", "what is known", "found by", "what else is to say"), rows)


def _short(said: str | None) -> str:
    """Return a finding without the rest of a long sentence."""
    if said is None:
        return ""
    return said if len(said) <= 110 else said[:107].rsplit(" ", 1)[0] + " …"


def _pairs(pairs: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            f"`{one['ours']}`",
            f"`{one['theirs']}`",
            f"{one['both']:,} of {one['timeframe']}",
            f"{one['median_bps']:.2f}",
            f"{one['far_share']:.2%}".replace("%", " %"),
            " ".join(f"{sentence}." for sentence in one["differences"]) or "nothing",
        )
        for one in pairs
    ]
    columns = (
        *("the first", "the second", "bars in both", ">median distance, bp", ">further than 50 bp"),
        "differs in",
    )
    return (
        "## The same market told twice\n\nThe shorter bars were made into the longer ones, then "
        f"compared as `assay data reconcile` does.\n\n{table(columns, rows)}"
    )
