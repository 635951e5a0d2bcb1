"""Features: computed as a table, drawn beneath the price, and held against the outcome.

`python examples/03_features.py`; EXAMPLE_FILE names prices of yours, EXAMPLE_HOME a folder.
"""

# %%
import os
import tempfile

import polars as pl

import assay

desk = assay.open(os.environ.get("EXAMPLE_HOME") or tempfile.mkdtemp(prefix="assay-"))
if file := os.environ.get("EXAMPLE_FILE"):
    found = desk.import_files(file).imported[0]
    symbol, timeframe = found.symbol, found.timeframe.value
else:
    desk.simulate("USDJPY", years=3)
    symbol, timeframe = "USDJPY", "1h"

# %% Every column that members read; each row holds only what was known at its close.
table = desk.features(symbol, timeframe)
print(f"{table.height:,} bars, {table.width - 1} columns")

# %% Some by name, in the standard set or not, beside the return of the next four bars.
some = desk.features(symbol, timeframe, ["rsi", "realised_vol", "adx_14"])
bars = desk.bars(symbol, timeframe)
ahead = bars.select("time", ahead=(pl.col("close").shift(-4) / pl.col("close")).log())
joined = some.join(ahead, on="time").drop_nulls()
print(joined.tail(3))

# %% Drawn beneath the price, with its spread over all of history: one page without network.
print("page:", desk.plot(symbol, timeframe, ["rsi", "adx_14"], bars=300))

# %% Information: the rank correlation with the outcome, corrected for having looked at many.
ranked = desk.importance(symbol, timeframe)
print(ranked.frame().head(5))
print(sum(row["survives"] for row in ranked), "columns survive the correction")

# %% Drift: the newest bars beside those that models learn from, by column.
moved = desk.drift(symbol, timeframe, recent=500)
print(moved.frame().filter(pl.col("verdict") != "steady").head(5))
desk.close()
