"""A first signal and its why, on a simulated market or on prices of yours.

Run it as it is, cell by cell or whole: `python examples/01_first_signal.py`. With
EXAMPLE_FILE=EURUSD_1h.csv it reads that file; EXAMPLE_HOME names a folder to keep everything in.
"""

# %%
import os
import tempfile

import assay

# %% A workspace is a folder; it is made when something is stored.
desk = assay.open(os.environ.get("EXAMPLE_HOME") or tempfile.mkdtemp(prefix="assay-"))

# %% Bars: what a file holds is found out and said; without one, a market is simulated.
if file := os.environ.get("EXAMPLE_FILE"):
    found = desk.import_files(file).imported[0]
    symbol, timeframe = found.symbol, found.timeframe.value
else:
    desk.simulate("USDJPY", years=3)
    symbol, timeframe = "USDJPY", "1h"
print(desk.series().frame())

# %% Members, each one way to forecast, and the fusion that weighs them by the skill they showed.
members = ("naive", "momentum", "ridge")
trained = desk.train(symbol, members=members)
for fusion in trained.fusions:
    print(f"{fusion.symbol} {fusion.timeframe}: {fusion.evidence}, p {fusion.proof.p_value:.3f}")

# %% The signal of the newest bar. In a notebook, `signal` alone shows it as a card.
signal = desk.signal(symbol, timeframe)
print(signal)
for reason in signal.reasons:
    print(" ·", reason)

# %% Why: parts that add up, in log-odds; and what would change it.
why = desk.explain(signal)
print(why.why.sentence)
for part in why.why.parts:
    print(f"{part.member:>9} {part.timeframe}: {part.part:+.4f}, weighs {part.weight:.0%}")
print("page:", why.page(desk.home / "reports" / "why.html"))
desk.close()
