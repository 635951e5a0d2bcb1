"""Three questions: is the record whole, which member knows anything, what if costs change.

`python examples/05_questions.py`; EXAMPLE_FILE names prices of yours, EXAMPLE_HOME a folder.
"""

# %%
import os
import tempfile

import assay

MEMBERS = ("naive", "momentum", "ridge")

desk = assay.open(os.environ.get("EXAMPLE_HOME") or tempfile.mkdtemp(prefix="assay-"))
if file := os.environ.get("EXAMPLE_FILE"):
    found = desk.import_files(file).imported[0]
    symbol, timeframe = found.symbol, found.timeframe.value
else:
    desk.simulate("USDJPY", years=3)
    symbol, timeframe = "USDJPY", "1h"
desk.train(symbol, members=MEMBERS)
signal = desk.signal(symbol, timeframe)

# %% The record: every entry names the one before; one that was altered, moved or cut off is named.
checked = desk.verify()
print("intact" if checked.intact else checked.problem, f"- {checked.entries} entries")
for entry in desk.journal(4):
    print(f"{entry.no:>3} {entry.stage:<12} {entry.digest[:12]}")

# %% The members: what each earned beyond the plain frequency of rises, and what it weighs.
fusion = next(one for one in desk.models(symbol, timeframe) if one["kind"] == "fusion")
for one in desk.model(fusion["artefact"])["producers"]:
    skill, error = one["skill"] * 1e4, one["skill_error"] * 1e4
    print(
        f"{one['member']:>9} {one['timeframe']}: {skill:+.1f} ± {error:.1f} e-4 nats, "
        f"weighs {one['weight']:.0%}"
    )

# %% What if: the pool without each member, and what a round trip costs beside the expected move.
what_if = desk.explain(signal).what_if
for one in what_if.silenced:
    print(f"without {one.member} {one.timeframe}: P(up) {one.probability:.3f}, {one.tier}")
costs = what_if.costs
print(
    f"expected move {costs.side_move * 1e4:.2f} bp, round trip {costs.round_trip * 1e4:.2f} bp: "
    f"{'pays' if costs.pays else 'does not pay'}"
)

# %% And if trading had cost less, or more, over history.
done = desk.backtest(symbol, timeframe, folds=2, members=MEMBERS)
print(done.report["stress"]["columns"])
for row in done.report["stress"]["rows"]:
    print(row)
desk.close()
