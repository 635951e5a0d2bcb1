"""From which weights a member may go on: those that know nothing of what will judge it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.ids import plain
from assay.evaluation.splits import Fold, Part, SplitPlan
from assay.models.contract import Weights
from assay.models.loading import load_whole
from assay.store.artefacts import ArtefactRow
from assay.workflows.desk import Desk
from assay.workflows.gather import Prepared
from assay.workflows.learn import MemberPlan


@dataclass(frozen=True, slots=True)
class Start:
    """The weights to go on from, and the artefact they are of."""

    artefact: str
    weights: Weights


def start_of(
    desk: Desk,
    plan: MemberPlan,
    items: Sequence[Prepared],
    fold: Fold,
    split: SplitPlan,
    champion: ArtefactRow | None,
) -> Start | str:
    """Return the champion's weights to go on from, or in a few words why there are none.

    They must be of the same settings, version and columns, and must not have seen anything from an
    embargo before the calibrate span on: what has been learned is not unlearned, and a span that
    was seen judges nobody.
    """
    member = plan.make()
    if champion is None:
        return "there are no earlier weights"
    if not member.tunes:
        return "it is fitted in one step"
    seen = datetime.fromisoformat(champion.spans[str(Part.STOP)]["end"])
    if seen > fold.calibrate.start - split.embargo:
        return f"its weights saw bars up to {seen:%Y-%m-%d}, into what will judge it"
    try:
        known, weights = load_whole(desk.models / champion.path)
    except (ArtefactError, NotFoundError) as error:
        return f"its weights cannot be read ({error})"
    columns = plan.pipeline(items[0]).columns
    own = (member.version, plain(member.settings()), columns)
    if (known.version, known.settings, known.columns) != own:
        return "its settings or columns are others now"
    return Start(champion.id, weights)
