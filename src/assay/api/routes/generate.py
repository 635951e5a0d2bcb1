"""The stable endpoints: signals by ticker for other programs; their names do not change."""

from fastapi import APIRouter, Depends

from assay.api.answers import AnswersDep
from assay.api.guards import needs
from assay.api.shapes.generated import CacheStatsOut, ClearedOut, GenerateIn, GenerateOut
from assay.core.values.scope import Scope

READ = [Depends(needs(Scope.READ))]
RESEARCH = [Depends(needs(Scope.RESEARCH))]

router = APIRouter(prefix="/api/signals", tags=["stable"])


@router.post("/generate", summary="Ask for a ticker's signal", dependencies=RESEARCH)
def generate(asked: GenerateIn, answers: AnswersDep) -> GenerateOut:
    """Return the signal of a ticker's newest stored bar; fetches nothing.

    The answer is given again for five minutes, or until the next bar closes or is stored. What is
    not there is null, and `absent` says why.
    """
    return GenerateOut.of(answers.ask(asked.ticker, asked.timeframe))


@router.get("/cache/stats", summary="See how the cache does", dependencies=READ)
def stats(answers: AnswersDep) -> CacheStatsOut:
    """Return how many answers are kept, where, and how often they were given again."""
    return CacheStatsOut.model_validate(answers.stats())


@router.post("/cache/clear", summary="Forget the kept answers", dependencies=RESEARCH)
def clear(answers: AnswersDep) -> ClearedOut:
    """Forget every kept answer; the next question is computed. Signals stay issued."""
    return ClearedOut.of(answers.clear())
