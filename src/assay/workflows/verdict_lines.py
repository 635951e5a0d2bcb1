"""Between what a check finds and the line of a verdict that is stored of it."""

from math import isfinite

from assay.evaluation.gate.contract import Finding, Verdict
from assay.store.findings import VerdictLine

ALLOWS = "allows"
"""Where a stored line says how far it lets the trial go."""


def line_of(tier: str, check: str, finding: Finding) -> VerdictLine:
    """Return the line that is stored of a finding."""
    return VerdictLine(
        tier=tier,
        check=check,
        passed=finding.passed,
        statistic=known(finding.statistic),
        threshold=known(finding.threshold),
        p=known(finding.p_value),
        power=known(finding.power),
        sentence=finding.sentence,
        detail={**finding.detail, ALLOWS: str(finding.allows)},
    )


def finding_of(line: VerdictLine) -> Finding:
    """Return the finding that a line was stored of."""
    return Finding(
        Verdict[line.detail[ALLOWS]],
        line.sentence,
        line.statistic,
        line.threshold,
        line.p,
        line.power,
        {name: value for name, value in line.detail.items() if name != ALLOWS},
    )


def known(value: float | None) -> float | None:
    """Return a number that can be stored; None for one that is not finite."""
    return None if value is None or not isfinite(value) else float(value)
