"""A model's page for a person, made from its files."""

from collections.abc import Mapping
from typing import Any

from assay.models.contract import Member

SHOWN = (
    ("log_loss", "log-loss, nats"),
    ("brier", "Brier score, 0..2"),
    ("pinball", "pinball loss, scaled return"),
    ("coverage_90", "outcomes inside 5..95 %"),
    ("hit_rate", "hit rate where it moved"),
    ("information_coefficient", "rank correlation"),
)


def card(member: Member, plain: Mapping[str, Any]) -> str:
    """Return the page in Markdown; `plain` maps a file's stem to its data."""
    arch, calibration = plain["arch"], plain["calibration"]
    columns = plain["features"]["columns"]
    summary = (member.__doc__ or "").strip().split("\n")[0]
    lines = [
        f"# {arch['member']}",
        "",
        summary,
        "",
        f"- family {member.family}, one model a {member.scope.value}, version {member.version}",
        f"- served by `{arch['runtime']}`, reads {len(columns)} columns",
        f"- seed {plain['env']['seed']}",
        "",
        "## Settings",
        "",
        *_table(("setting", "value"), sorted(arch["settings"].items())),
        "",
        "## Scores",
        "",
        "The stop span chose rounds or penalties and the calibrate span taught the calibration, so",
        "both flatter; only a span after them can judge.",
        "",
        *_scores(plain["metrics"]),
        "",
        "## Calibration",
        "",
        f"{calibration['method']} on {calibration['rows']:,} rows, {calibration['outcomes']:,} "
        "outcomes that do not overlap.",
        "",
        *_table(
            ("log-loss, nats a row", "value"),
            [
                ("before", f"{calibration['log_loss_before']:.5f}"),
                ("after", f"{calibration['log_loss_after']:.5f}"),
                ("of the base rates", f"{calibration['log_loss_base']:.5f}"),
            ],
        ),
        "",
        "## Label",
        "",
        *_table(("setting", "value"), sorted(plain["label"].items())),
        "",
        "## Columns",
        "",
        ", ".join(f"`{name}`" for name in columns) + ".",
        "",
    ]
    return "\n".join(lines)


def _scores(metrics: Mapping[str, Any]) -> list[str]:
    spans = [name for name in ("calibrate", "stop") if metrics[name]]
    rows = [
        (said, *(_number(metrics[span]["calibrated"][key]) for span in spans))
        for key, said in SHOWN
    ]
    return _table(("calibrated", *(f"{span} span" for span in spans)), rows)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.5f}"


def _table(head: tuple[str, ...], rows: list[Any]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]
