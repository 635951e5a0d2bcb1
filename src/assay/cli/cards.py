"""How a model's card and a feature look in a terminal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assay.cli import say

if TYPE_CHECKING:
    from rich.console import RenderableType

SCORES = (
    ("log_loss", "log-loss, nats"),
    ("brier", "Brier score, 0 to 2"),
    ("pinball", "pinball loss, scaled return"),
    ("coverage_90", "outcomes inside 5 to 95 %"),
    ("hit_rate", "hit rate where it moved"),
    ("information_coefficient", "rank correlation"),
)
SETS = {
    "standard": "standard: members read it, unless the market leaves it out",
    "full": "full only: members read it where the setting features is full",
    None: "none: a plug-in of your own, which members read if a specification names it",
}
"""What is said of the set a feature is in."""


def show(card: Mapping[str, Any]) -> None:
    """Print the card of a member or of a fusion."""
    page = say.page()
    simulated = "   simulated" if card["simulated"] else ""
    page.print(
        f"[bold]{card['member']} {card['timeframe']}[/]   {card['family']}{simulated}   "
        f"[dim]{card['artefact'][:12]}[/]",
        highlight=False,
    )
    lines: list[tuple[str, object]] = [
        ("checked now", "every hash holds and every golden answer is the recorded one"),
        ("covers", ", ".join(card["symbols"])),
        ("made", f"{card['made_at']:%Y-%m-%d %H:%M} UTC"),
        ("artefact", card["artefact"]),
    ]
    if card["kind"] == "fusion":
        lines[0] = ("checked now", "its content is what its name says")
    if card["quarantined"]:
        lines.append(("set aside", card["quarantined"]))
    lines += [
        ("gate", f"{one['verdict']} {str(one['at'])[:10]}: {one['reason']}")
        for one in card["verdicts"]
    ]
    lines += [("", line["sentence"]) for line in card["gate_lines"]]
    own = _fusion(card) if card["kind"] == "fusion" else _member(card)
    page.print(say.facts([*lines, *own]))
    page.print()
    page.print(_producers(card) if card["kind"] == "fusion" else _scores(card))
    if card["kind"] != "fusion":
        page.print(
            "The stop span chose rounds or penalties and the calibrate span taught the "
            "calibration, so both flatter.",
            style="dim",
        )


def _member(card: Mapping[str, Any]) -> list[tuple[str, object]]:
    lines: list[tuple[str, object]] = [
        (name, f"{str(span['start'])[:10]} to {str(span['end'])[:10]}{_rows(span)}")
        for name, span in sorted(card["spans"].items(), key=lambda item: str(item[1]["start"]))
    ]
    settings = ", ".join(f"{name} {value}" for name, value in sorted(card["settings"].items()))
    label = ", ".join(f"{name} {value}" for name, value in card["label"]["settings"].items())
    calibration = card["calibration"]
    lines += [
        ("settings", settings or "none"),
        ("label", f"{card['label']['name']}: {label}"),
        ("reads", f"{len(card['features']['columns'])} columns of {card['features']['count']} "
                  f"features, specification {card['features']['hash'][:12]}"),
        ("calibration", f"{calibration['method']} on {calibration['rows']:,} rows, "
                        f"{calibration['outcomes']:,} outcomes that do not overlap; log-loss "
                        f"{calibration['log_loss_before']:.5f} before, "
                        f"{calibration['log_loss_after']:.5f} after, "
                        f"{calibration['log_loss_base']:.5f} of the base rates"),
    ]  # fmt: skip
    return lines + [
        ("data", f"{series}, fingerprint {mark[:12]}")
        for series, mark in sorted(card["fingerprints"].items())
    ]


def _rows(span: Mapping[str, Any]) -> str:
    return f", {span['rows']:,} rows" if "rows" in span else ""


def _scores(card: Mapping[str, Any]) -> "RenderableType":
    spans = [name for name in ("stop", "calibrate") if card["metrics"].get(name)]
    rows = [
        (said, *(_number(card["metrics"][span]["calibrated"][key]) for span in spans))
        for key, said in SCORES
    ]
    return say.table("", ("calibrated", *(f">{span} span" for span in spans)), rows)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.5f}"


def _fusion(card: Mapping[str, Any]) -> list[tuple[str, object]]:
    proof = card["proof"]
    state = card["evidence"]
    measured = (
        f"gain {proof['gain'] * 1e4:+.1f} ± {proof['gain_error'] * 1e4:.1f} e-4 nats a bar over "
        f"climatology, p {proof['p_value']:.4f}, {proof['days']:,} days"
        if proof["days"]
        else "no member has weighed out of sample, so there is nothing to test"
    )
    return [
        ("evidence", f"{state}: {measured}"),
        (
            "compared",
            f"over the best single member {proof['over_best_single'] * 1e4:+.1f}, over equal "
            f"weights {proof['over_equal_weights'] * 1e4:+.1f} e-4 nats a bar",
        ),
        (
            "pool",
            f"{card['effective_members']:.2f} effective members, factor {card['kappa']:.2f}, usual "
            f"rate of rises {card['base']:.3f}; {card['rows']:,} rows, {card['outcomes']:,} "
            "outcomes that do not overlap",
        ),
    ]


def _producers(card: Mapping[str, Any]) -> "RenderableType":
    rows = [
        (
            f"{one['member']} {one['timeframe']}",
            f"{one['weight'] * 100:.0f} %",
            f"{one['slope']:.2f}",
            f"{one['skill'] * 1e4:.1f} ± {one['skill_error'] * 1e4:.1f}",
            one["artefact"][:12],
        )
        for one in sorted(card["producers"], key=lambda one: -one["weight"])
    ]
    columns = ("member", ">weight", ">slope", ">skill, 1e-4 nats", "artefact")
    return say.table("", columns, rows)


def feature_facts(found: Mapping[str, Any]) -> None:
    """Print one feature."""
    page = say.page()
    page.print(f"[bold]{found['name']}[/]   {found['group']}", highlight=False)
    page.print(found["text"], markup=False, highlight=False)
    page.print()
    settings = ", ".join(f"{name} {value}" for name, value in found["settings"].items())
    page.print(
        say.facts(
            [
                ("columns", ", ".join(found["columns"])),
                ("settings", settings or "none"),
                ("looks at", ", ".join(found["inputs"])),
                ("first value", f"after {found['lookback']:,} bars"),
                ("restart", f"agrees to 1e-6 of its spread from {found['warm_up']:,} bars on"),
                ("set", SETS[found["set"]]),
                ("default for", ", ".join(found["default_for"]) or "no market"),
                ("version", found["version"]),
            ]
        )
    )
