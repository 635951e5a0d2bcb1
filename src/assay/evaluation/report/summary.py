"""The head of a backtest's page: what it found in words, and its five figures."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assay.evaluation.page import ESTIMATE, OWN, minus, show
from assay.evaluation.svg_rows import strip

READING = ("The interval of the Sharpe", "It did not trade")
"""How the sentence begins that says what the Sharpe's interval means."""


def summary(report: Mapping[str, Any]) -> str:
    """Return the verdict and the first sentence, the figures, and all other sentences."""
    said = [str(sentence) for sentence in report["summary"]]
    verdicts = [sentence for sentence in said if sentence.startswith(READING)]
    others = [sentence for sentence in said if sentence not in verdicts]
    head = "".join(f"<p{_style(report)}>{_plain(sentence)}</p>" for sentence in verdicts)
    first = "".join(f'<p class="lead">{_plain(sentence)}</p>' for sentence in others[:1])
    rest = "".join(f"<li>{_plain(sentence)}</li>" for sentence in others[1:])
    listed = f'<ul class="said">{rest}</ul>' if rest else ""
    return f"{head}{first}{_cards(report)}{listed}"


def _plain(sentence: str) -> str:
    return minus(escape(sentence))


def _style(report: Mapping[str, Any]) -> str:
    sharpe = report["performance"][OWN]["sharpe"]
    low, high = sharpe["low"], sharpe["high"]
    style = "above" if low is not None and low > 0 else ""
    style = "below" if high is not None and high < 0 else style
    return f' class="verdict {style}"'


def _cards(report: Mapping[str, Any]) -> str:
    own = report["performance"][OWN]
    pool = _pool(report)
    trips = next((row[1] for row in report["trades"]["rows"] if row[0] == "round trips"), "–")
    shown = [
        card("Return a year", show(own["annual_return"], percent=True),
              _strip(own["annual_return"])),
        card("Sharpe", show(own["sharpe"]), _strip(own["sharpe"])),
        card("Deepest drawdown", show(own["drawdown"], percent=True), _strip(own["drawdown"])),
        card("Right side", pool[4] if pool else "–", ""),
        card("Round trips", str(trips), "", f"in {own['days']:,} trading days"),
    ]  # fmt: skip
    return f'<div class="cards">{"".join(shown)}</div>'


def card(what: str, said: str, drawn: str, under: str = "") -> str:
    """Return a figure in large, its interval or `under` beneath it, and what is drawn of it."""
    found = ESTIMATE.match(said)
    value, between = (
        (found[1], f"95 %: {found[2][1:-1].replace(', ', ' to ')}{found[3]}")
        if (found)
        else (said, under)
    )
    return (
        f'<div class="card"><div class="what">{escape(what)}</div>'
        f'<div class="value">{minus(escape(value))}</div>'
        f'<div class="range">{minus(escape(between))}</div>{drawn}</div>'
    )


def _strip(estimate: Mapping[str, Any]) -> str:
    return strip(estimate["value"], estimate["low"], estimate["high"])


def _pool(report: Mapping[str, Any]) -> Sequence[str] | None:
    return next((r for r in report["members"]["rows"] if r[0].startswith("pool")), None)
