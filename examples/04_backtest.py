"""Two members trained, fused and walked forward through history; then the report is read.

`python examples/04_backtest.py`; EXAMPLE_FILE names prices of yours.
"""

# %%
import os
import tempfile

import assay

MEMBERS = ("momentum", "ridge")

desk = assay.open(tempfile.mkdtemp(prefix="assay-"))
if file := os.environ.get("EXAMPLE_FILE"):
    found = desk.import_files(file).imported[0]
    symbol, timeframe = found.symbol, found.timeframe.value
else:
    desk.simulate("USDJPY", years=4)
    symbol, timeframe = "USDJPY", "1h"

# %% Two members and their fusion. Again, nothing is fitted twice.
print(desk.train(symbol, timeframe, members=MEMBERS))
print(desk.train(symbol, timeframe, members=MEMBERS))

# %% Each fold is refitted on its own past and traded after costs, on bars it has not seen.
done = desk.backtest(symbol, timeframe, folds=2, members=MEMBERS)
for sentence in done.summary:
    print(sentence)

# %% Every figure comes with a 95 % interval by blocks of days; fractions of equity.
for name in ("annual_return", "sharpe", "drawdown"):
    one = done.report["performance"]["chain"][name]
    shown = ("none" if one[key] is None else f"{one[key]:.3f}" for key in ("value", "low", "high"))
    value, low, high = shown
    print(f"{name}: {value} [{low}, {high}]")

# %% The report: one HTML file that needs no network.
print("page:", desk.report(done))
desk.close()
