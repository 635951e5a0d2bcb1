"""Sentences a second of the rules on one core, beside VADER where it is installed.

Run: python bench/sentiment.py [FILE.csv.gz with a column `text`]. Without a file it scores 4,000
generated sentences. Prints the median of five passes, for the plain tone and for a currency pair.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from assay.text.scorers.rules import Rules

PASSES = 5


def sentences(path: Path | None) -> list[str]:
    if path is not None:
        return pl.read_csv(path, infer_schema_length=20_000)["text"].to_list()
    makers = ("Operating profit of maker {k} rose to EUR {k}.4 mn from EUR 3.6 mn",
              "Euro slips against the dollar on day {k} as the ECB signals a rate cut",
              "The annual meeting of company {k} will be held in Helsinki on 3 May",
              "Gold futures settle {k} cents higher as the U.S. dollar softens")  # fmt: skip
    return [makers[k % 4].format(k=k) for k in range(4_000)]


def per_second(score: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    score(texts[:200])
    times = []
    for _ in range(PASSES):
        start = time.perf_counter()
        score(texts)
        times.append(time.perf_counter() - start)
    return len(texts) / statistics.median(times)


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    texts = sentences(path)
    rules = Rules()
    print(
        f"{len(texts):,} sentences, {sum(map(len, texts)) / len(texts):.0f} characters on average"
    )
    print(f"rules, plain tone      {per_second(rules.score, texts):>10,.0f} sentences/s")
    pair = per_second(lambda some: rules.score(some, "EURUSD"), texts)
    print(f"rules, about EURUSD    {pair:>10,.0f} sentences/s")
    if find_spec("vaderSentiment") is None:
        print("VADER                  not installed: no figure beside it")
        return
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-not-found] # optional peer

    vader = SentimentIntensityAnalyzer()
    figure = per_second(lambda some: [vader.polarity_scores(text) for text in some], texts)
    print(f"VADER                  {figure:>10,.0f} sentences/s")


if __name__ == "__main__":
    main()
