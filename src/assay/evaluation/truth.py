"""The judge: what was planted in a simulated market against what was claimed of it.

The only reader of a truth file. The rule: a planted edge is found if the right kind is claimed of
the right instrument, else missed. Every other claim is false: of an instrument with nothing planted
(decoys count as nothing), or of the wrong kind, which is then a miss and a false claim at once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from assay.core.errors import DataError, NotFoundError

FORMAT = "assay-simulated-truth-1"
HEADINGS = (
    "instrument",
    "planted",
    "claimed",
    "outcome",
    "oracle IC",
    "oracle Sharpe",
    "truth",
)


class EdgeKind(StrEnum):
    """Where an edge can be claimed to lie."""

    PRICE = "price"
    NEWS = "news"
    MACRO = "macro"


class Outcome(StrEnum):
    """What became of one instrument."""

    FOUND = "found"
    MISSED = "missed"
    FALSE = "falsely claimed"
    LEFT_ALONE = "rightly left alone"


@dataclass(frozen=True, slots=True)
class Claim:
    """What the desk says it has found: an edge of this kind in this instrument."""

    symbol: str
    kind: EdgeKind


@dataclass(frozen=True, slots=True)
class Ruling:
    """The judgement on one instrument; every figure in it comes from a simulation.

    `planted` is None where nothing was, decoys included; `claimed` the kinds that were claimed,
    `false_kinds` those of them that are not true. The oracle's figures are None where there is no
    edge to measure.
    """

    symbol: str
    planted: EdgeKind | None
    decoy: str | None
    claimed: tuple[EdgeKind, ...]
    false_kinds: tuple[EdgeKind, ...]
    outcome: Outcome
    information_coefficient: float | None
    hit_rate: float | None
    net_sharpe: float | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """All rulings, in the order of the truth file; of a simulated market by its nature."""

    rulings: tuple[Ruling, ...]
    simulated: bool = True

    @property
    def planted(self) -> int:
        """Return how many instruments carry a planted edge."""
        return sum(ruling.planted is not None for ruling in self.rulings)

    @property
    def found(self) -> int:
        """Return how many planted edges were found."""
        return sum(ruling.outcome is Outcome.FOUND for ruling in self.rulings)

    @property
    def missed(self) -> int:
        """Return how many planted edges were missed."""
        return self.planted - self.found

    @property
    def false_claims(self) -> int:
        """Return how many claims are not true, wrong kinds of planted instruments included."""
        return sum(len(ruling.false_kinds) for ruling in self.rulings)

    @property
    def found_share(self) -> float:
        """Return the share of planted edges that were found; 1 where nothing was planted."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def false_share(self) -> float:
        """Return the share of all instruments of which something untrue is claimed."""
        wrong = sum(bool(ruling.false_kinds) for ruling in self.rulings)
        return wrong / len(self.rulings) if self.rulings else 0.0

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return the headings and one row of words an instrument, for a table on a screen."""
        return HEADINGS, [_row(ruling) for ruling in self.rulings]

    def plain(self) -> dict[str, Any]:
        """Return the whole as plain data for JSON."""
        return {
            "simulated": self.simulated,
            "planted": self.planted,
            "found": self.found,
            "missed": self.missed,
            "false_claims": self.false_claims,
            "found_share": self.found_share,
            "false_share": self.false_share,
            "rulings": [
                {
                    "symbol": ruling.symbol,
                    "planted": ruling.planted.value if ruling.planted else None,
                    "decoy": ruling.decoy,
                    "claimed": [kind.value for kind in ruling.claimed],
                    "false_kinds": [kind.value for kind in ruling.false_kinds],
                    "outcome": ruling.outcome.value,
                    "information_coefficient": ruling.information_coefficient,
                    "hit_rate": ruling.hit_rate,
                    "net_sharpe": ruling.net_sharpe,
                    "explanation": ruling.explanation,
                }
                for ruling in self.rulings
            ],
        }


def judge(truth: Path, claims: Iterable[Claim]) -> Judgement:
    """Judge `claims` by the truth file at `truth`.

    The same claim made twice counts once. `DataError` if the file is no truth file, `NotFoundError`
    for a claim about an instrument that the simulated market did not have.
    """
    parts = _read(truth)
    claimed: dict[str, set[EdgeKind]] = {}
    for claim in claims:
        if claim.symbol not in parts:
            raise NotFoundError(
                f"An edge in {claim.symbol!r} was claimed, but the simulated market of {truth} "
                f"held only {', '.join(parts)}"
            )
        claimed.setdefault(claim.symbol, set()).add(claim.kind)
    return Judgement(tuple(_ruling(part, claimed.get(name, set())) for name, part in parts.items()))


def _read(truth: Path) -> dict[str, Mapping[str, Any]]:
    """Return the parts of a truth file by symbol."""
    try:
        whole = json.loads(truth.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no truth file {truth}: the simulated source writes it with the market"
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(f"The truth file {truth} cannot be read: {error}") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT or not whole.get("simulated"):
        raise DataError(f"{truth} is no truth file of a simulated market ({FORMAT})")
    try:
        return {part["symbol"]: _checked(part) for part in whole["instruments"]}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"The truth file {truth} is damaged: {error!r}") from error


NEEDED = ("symbol", "kind", "decoy", "information_coefficient", "hit_rate", "net_sharpe",
          "explanation")  # fmt: skip


def _checked(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `part`, all of whose needed fields are there and whose kind is one there is."""
    missing = [name for name in NEEDED if name not in part]
    if missing:
        raise KeyError(", ".join(missing))
    if part["kind"] != "none":
        EdgeKind(part["kind"])
    return part


def _ruling(part: Mapping[str, Any], claimed: set[EdgeKind]) -> Ruling:
    planted = None if part["kind"] == "none" else EdgeKind(part["kind"])
    false_kinds = tuple(sorted(claimed - {planted} if planted else claimed))
    if planted:
        outcome = Outcome.FOUND if planted in claimed else Outcome.MISSED
    else:
        outcome = Outcome.FALSE if claimed else Outcome.LEFT_ALONE
    return Ruling(
        part["symbol"],
        planted,
        part["decoy"],
        tuple(sorted(claimed)),
        false_kinds,
        outcome,
        part["information_coefficient"],
        part["hit_rate"],
        part["net_sharpe"],
        part["explanation"],
    )


def _row(ruling: Ruling) -> tuple[str, ...]:
    planted = ruling.planted or (f"decoy: {ruling.decoy}" if ruling.decoy else "none")
    outcome = ruling.outcome.value
    if ruling.outcome in (Outcome.FOUND, Outcome.MISSED) and ruling.false_kinds:
        outcome += f", and {' and '.join(ruling.false_kinds)} falsely claimed"
    return (
        ruling.symbol,
        str(planted),
        " ".join(ruling.claimed) or "–",
        outcome,
        _number(ruling.information_coefficient, 3),
        _number(ruling.net_sharpe, 2),
        ruling.explanation,
    )


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def summary(judgement: Judgement) -> Sequence[str]:
    """Return two sentences for a person: what was found, and what was claimed without truth."""
    wrong = [ruling.symbol for ruling in judgement.rulings if ruling.false_kinds]
    return (
        f"Of {judgement.planted} planted edges {judgement.found} were found and "
        f"{judgement.missed} missed (simulated).",
        f"{judgement.false_claims} claims were false"
        + (f": {', '.join(wrong)}." if wrong else "; nothing was claimed that is not there."),
    )
