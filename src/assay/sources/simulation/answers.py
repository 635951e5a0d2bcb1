"""The truth file: what was planted where, for the judge alone."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assay.core.ids import plain
from assay.sources.simulation.oracle import HORIZON_HOURS, Figures
from assay.sources.simulation.plan import Plan

FORMAT = "assay-simulated-truth-1"


def truth_text(settings: dict[str, Any], instruments: Iterable[tuple[Plan, Figures]]) -> str:
    """Return the truth as JSON; every part says that it is simulated."""
    parts = [
        {
            "symbol": plan.symbol,
            "simulated": True,
            "kind": plan.kind.value,
            "decoy": plan.decoy.value if plan.decoy else None,
            "sign": plan.sign if plan.has_drift else 0,
            "explanation": f"simulated: {plan.words}",
            **asdict(figures),
        }
        for plan, figures in instruments
    ]
    whole = {
        "format": FORMAT,
        "simulated": True,
        "horizon_hours": HORIZON_HOURS,
        **settings,
        "instruments": parts,
    }
    return json.dumps(plain(whole), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one go: another reader sees the old file or the new one."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
