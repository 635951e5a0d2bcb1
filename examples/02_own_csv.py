"""A CSV of your own: looked through, stored, checked against its calendar, and mended.

`python examples/02_own_csv.py` writes a file with faults and reads it; EXAMPLE_FILE names yours.
"""

# %%
import os
import tempfile
from pathlib import Path

import polars as pl

import assay

folder = Path(tempfile.mkdtemp(prefix="assay-"))

# %% A file as a broker might send it: New York time, no zone said, three bars with a wrong price.
if not (file := os.environ.get("EXAMPLE_FILE")):
    with assay.open(folder / "elsewhere") as elsewhere:
        elsewhere.simulate("GBPUSD", "1h", years=1)
        bars = elsewhere.bars("GBPUSD", "1h").with_row_index()
    wrong = pl.col("index").is_in([900, 2400, 4000])
    rows = bars.filter(~pl.col("index").is_between(3000, 3011)).select(
        pl.col("time").dt.convert_time_zone("America/New_York").dt.strftime("%Y-%m-%d %H:%M"),
        "open",
        high=pl.when(wrong).then(pl.col("high") * 1.05).otherwise("high"),
        low="low",
        close=pl.when(wrong).then(pl.col("close") * 1.04).otherwise("close"),
    )
    file = str(folder / "GBPUSD_1h.csv")
    rows.write_csv(file)

# %% Everything is found out, with the evidence; `said` tells what a file cannot.
desk = assay.open(folder / "own")
done = desk.import_files(file, said={"stamp": "close", "clock": "America/New_York"})
print(done)
for finding in done.imported[0].findings:
    print(f"{finding.what:>10}: {finding.value} ({finding.evidence})")

# %% Against the calendar: gaps, and bad bars by rule.
symbol, timeframe = done.imported[0].symbol, done.imported[0].timeframe.value
checked = desk.check(symbol, timeframe)
print(checked)
for flaw in checked.flaws:
    print(f"{flaw.first:%Y-%m-%d %H:%M} {flaw.code}: {flaw.sentence}")

# %% Mended: a newer version without the spikes; the one before stays readable.
plan = desk.mend(symbol, timeframe)
print(plan.words if plan else "nothing to mend")
print(desk.check(symbol, timeframe))
desk.close()
