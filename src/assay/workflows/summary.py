"""What a backtest found in plain words, each sentence with how many and how sure."""

from collections.abc import Iterator, Mapping
from typing import Any

from assay.evaluation.page import show
from assay.workflows.book import START_EQUITY
from assay.workflows.sureness import told


def summary(report: Mapping[str, Any]) -> list[str]:
    """Return the sentences, the most important first; `report` has everything but them."""
    figures = report["performance"]["chain"]
    sharpe, annual = figures["sharpe"], figures["annual_return"]
    held = report["performance"]["buy and hold"]["sharpe"]
    said = [
        f"{'In a simulated market the' if report['simulated'] else 'The'} chain made "
        f"{report['trading']['count']:,} round trips in {figures['days']:,} trading days out of "
        f"sample and returned {_show(annual, percent=True)} a year after costs, with a Sharpe of "
        f"{_show(sharpe)}; buy and hold had {_show(held)}.",
        _reading(sharpe),
        *_trades(report),
        *_pool(report),
    ]
    asked = report["verdicts"]
    if asked:
        counts = ", ".join(f"{n:,} {kind}" for kind, n in sorted(asked.items()))
        said.append(f"The analyst was asked {sum(asked.values()):,} times: {counts}.")
    return [*said, *_bars(report["soundness"])]


def _show(estimate: Mapping[str, Any], *, percent: bool = False, digits: int = 2) -> str:
    """Return an estimate as it reads inside a sentence."""
    said = show(estimate, percent=percent, digits=digits)
    return said.replace("] too few days", "; too few days]")


def _reading(sharpe: Mapping[str, Any]) -> str:
    if sharpe["value"] is None:
        return "It did not trade, so there is nothing to judge: abstaining is an answer."
    if sharpe["low"] is not None and sharpe["low"] > 0:
        return "The interval of the Sharpe lies above zero; one backtest is still one trial."
    if sharpe["high"] is not None and sharpe["high"] < 0:
        return "The interval of the Sharpe lies below zero: as it stands this loses money."
    return "The interval of the Sharpe holds zero: this is no evidence of an edge."


def _trades(report: Mapping[str, Any]) -> Iterator[str]:
    trading, columns = report["trading"], report["round_trips"]
    if not trading["count"]:
        return
    yield (
        f"Of {trading['count']:,} round trips {_show(trading['hit_rate'], percent=True, digits=1)} "
        f"were won; one made {_show(trading['mean_return'], percent=True, digits=3)} of the equity "
        "at the start on average."
    )
    paid = (sum(columns["fees"]) + sum(columns["cost"])) / START_EQUITY
    yield f"Costs took {paid:.2%} of the equity at the start; {_factor(report['stress'])}."
    rows = {row[0]: row[2] for row in report["resolutions"]["rows"]}
    touched = report["resolutions"]["touched"]
    if touched:
        trades = "1 trade ended" if touched == 1 else f"{touched:,} trades ended"
        yield (
            f"{trades} in a bar that reached both stop and target: the Sharpe is "
            f"{rows['pessimistic']} with the stop first and {rows['optimistic']} with the target "
            "first."
        )
    else:
        yield "No trade ended in a bar that reached both stop and target."
    worst = report["shown"]["worst"]
    if worst:
        lost = columns["pnl"][worst[0]] / START_EQUITY
        yield (
            f"The worst trade cost {-lost:.2%} of the equity at the start, "
            f"{-columns['r'][worst[0]]:.2f} times what its stop stood to lose."
        )


def _factor(stress: Mapping[str, Any]) -> str:
    even, ends = stress["break_even"], stress["total_return"]
    if even is None:
        return f"at three times these it would still have returned {ends[-1]:.2%} in all"
    free = f"without any it would have returned {ends[0]:.2%} in all"
    if even == 0:
        return f"{free}, so it is not they alone"
    return f"{free}, and at {even:.1f} times these nothing"


def _pool(report: Mapping[str, Any]) -> Iterator[str]:
    pool = next((r for r in report["members"]["rows"] if r[0].startswith("pool")), None)
    if pool:
        yield (
            f"The pool's side was right on {pool[4]} of the {pool[2]} bars that moved; its log "
            f"score beat climatology by {pool[3]} (1e-4 nats a forecast)."
        )
    if report["reliability"]["brier"]:
        yield told(report["reliability"]["brier"])
    accuracy = report["accuracy"]
    if accuracy["value"] is not None:
        yield (
            "The mean absolute error of its expected move, over that of saying no change, less "
            f"one: {_show(accuracy, percent=True)}; below zero is better."
        )


def _bars(sound: Mapping[str, Any]) -> Iterator[str]:
    least = min(sound["coverage"], key=lambda one: one[1], default=None)
    if least is None:
        return
    flags = sum(sound["flags"].values())
    which = "1 stretch is flagged" if flags == 1 else f"{flags:,} stretches are flagged"
    waited = (
        f"{which}, for which {sound['waited']:,} of {sound['decided']:,} decisions waited "
        f"({sound['alone']:,} for that alone)."
        if flags
        else "no rule flags a bar."
    )
    yield (
        f"The series with the fewest of its expected bars, {least[0]}, has {least[1]:.2%} of them; "
        f"{waited}"
    )
