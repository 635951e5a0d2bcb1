"""The words the rules know, as data: directions, nouns, tones, phrases, and three special trades.

Every word stands in its inflected forms; nothing is stemmed. A noun's sign says whether more of it
is good (+1), bad (-1) or nothing to the price (0, which silences a direction word beside it).
The lists were written from knowledge of the genre and developed on 70 % of the training part of
the Financial PhraseBank (chosen by a hash of the sentence's id); no weight was fitted.
"""

from collections.abc import Mapping


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


UP = _words("""
rise rises rising rose risen increase increases increased increasing grow grows growing grew grown
climb climbs climbed climbing gain gains gained gaining advance advances advanced advancing
jump jumps jumped jumping surge surges surged surging soar soars soared soaring rally rallies
rallied rallying rebound rebounds rebounded rebounding recover recovers recovered recovering
recovery accelerate accelerates accelerated accelerating expand expands expanded expanding
double doubled doubles doubling triple tripled triples spike spikes spiked rocketed rockets
skyrocket skyrockets skyrocketed firmed firming strengthen strengthens
strengthened strengthening improve improves improved improving improvement improvements boost boosts
boosted boosting lift lifts lifted lifting bolster bolsters bolstered raise raises raised raising
hike hikes hiked hiking appreciate appreciates appreciated appreciation swell swelled swells
bounce bounces bounced widen widens widened widening growth uptick upturn leap leaps leapt leaped
pop pops popped zoom zooms zoomed shine shines perk perks
heighten heightened upped creep creeps crept elevated exceed exceeds exceeded exceeding enhance
enhances enhanced enhancing revive revives revived
""")

DOWN = _words("""
fall falls falling fell fallen decrease decreases decreased decreasing decline declines declined
declining drop drops dropped dropping slip slips slipped slipping slide slides slid sliding
plunge plunges plunged plunging tumble tumbles tumbled tumbling sink sinks sank sunk sinking
slump slumps slumped slumping shrink shrinks shrank shrunk shrinking diminish diminishes diminished
diminishing contracted dip dips dipped dipping ease eases eased easing
weaken weakens weakened weakening deteriorate deteriorates deteriorated deteriorating deterioration
cut cuts cutting reduce reduces reduced reducing reduction reductions retreat retreats
retreated retreating plummet plummets plummeted plummeting crash crashes crashed crashing nosedive
nosedives nosedived narrow narrows narrowed narrowing halve halved halves slow slows slowed slowing
slowdown downturn crater craters cratered dive dives dived shed sheds shedding slash slashes slashed
slashing lowered lowers lowering trim trims trimmed trimming depreciate depreciates
depreciated fade fades faded soften softens softened softening skid skids skidded
collapse collapses collapsed collapsing downtick erode erodes eroded erosion curtail curtailed
curb curbs curbed curbing shortened sag sags sagged wane wanes waned tanked
tanking swoon swoons buckle buckles wobble wobbles erase erases erased minimise minimize
minimised minimized lessen lessened shrinkage alleviate alleviates cool cools cooled cooling
""")

HIGHER = _words("higher up more greater larger bigger stronger firmer faster better upward rising")
LOWER = _words("lower down less fewer smaller weaker softer slower worse downward")
"""Weaker words: alone they say little; beside a noun or a figure they say as much as a verb."""

GOOD_NOUNS = _words("""
profit profits earnings sales revenue revenues turnover ebit ebitda eps margin margins income
orders order-book backlog demand share shares stock stocks index volume volumes result results
dividend dividends price prices guidance outlook forecast output production deliveries exports
traffic passengers rating ratings market-share efficiency productivity
profitability competitiveness capacity confidence sentiment growth economy gdp jobs payrolls
employment futures value bookings subscribers subscriptions users customers performance
intake position cashflow equities nasdaq dow ftse market markets export exports target bid
performance savings business rents rental occupancy readership circulation visitors
return returns yield liquidity solvency sector trading wages spending consumption housing
""")

BAD_NOUNS = _words("""
loss losses cost costs expense expenses debt debts charge charges deficit deficits unemployment
impairment impairments write-down write-downs writedown writedowns provisions liabilities risk risks
claims defaults default bankruptcies layoffs lay-offs redundancies complaints tariff tariffs
tax taxes volatility uncertainty fears fear worries concerns tensions competition outflow outflows
recession inflation jobless emissions churn expenditure expenditures gearing arrears
overheads infections cases deaths shortage shortages delinquencies bankruptcy pressure downtime
""")

INERT_NOUNS = _words("""
stake stakes ownership holding holdings share-capital capital voting votes headquarters
temperature age cholesterol inventory stock-options speed size length weight
registered board committee
""")

GOOD = _words("""
win wins won winning award awards awarded beat beats beating outperform outperforms outperformed
outperformance upgrades upgraded strong solid robust record favourable favorable favourably
favorably positive positively optimistic optimism upbeat bullish profitable success succeed
succeeded pleased happy delighted confident satisfied breakthrough advantage benefit benefits
benefited benefiting benefitted promising brisk buoyant healthy impressive stellar secured secures
thrive thriving flourish flourishes surpass surpasses surpassed surpassing tops topped overweight
outpaces outpaced turnaround undervalued resilient resilience stabilise stabilize stabilises
stabilizes stabilising stabilizing excited honored honoured winner winners accretive synergies
synergy attractive upside competitive well superior expertise savings
""")

GOOD_SOFT = _words("""
leading leader best approval approved granted innovative high-quality popular opportunity
opportunities efficient ideal versatile excellent great modern premium reliable easier good
partnership cooperation successful successfully streamline streamlining safer enables outstanding
upgrade upgrading healthier acquire acquires acquired acquisition strategic new
develop developing launch launches quality commitment
""")
"""Praise that companies give themselves: alone too little for an opinion, together enough."""

BAD = _words("""
miss misses missed missing weak weakness weaknesses poor bad worst disappointing disappoints
disappointed disappointment negative negatively pessimistic pessimism bearish unprofitable fail
fails failed failing failure failures problem problems trouble troubled troubles difficult
difficulty difficulties challenging tough tougher struggling struggle struggles struggled suffer
suffers suffered suffering hurt hurts hurting harm harmed damage damaged lawsuit lawsuits sue sues
sued suing fraud bankrupt bankruptcy insolvency insolvent default defaults downgrade downgrades
downgraded warn warns warned warning worry worries worried fear fears feared crisis recession
strike layoff layoffs lay-off laid-off redundant redundancy dismiss dismissed dismissals terminated
closure shutdown close-down halt halts halted suspend suspends suspended suspension delay delays
delayed cancel cancels canceled cancelled underperform underperforms underperformed underweight
adverse adversely unfavourable unfavorable burden burdened drag drags dragged dragging scandal
dispute disputes turmoil sell-off selloff rout bleak gloomy grim sluggish stagnant stagnation worsen
worsens worsened worsening plague plagued threat threats threaten threatens threatened impaired
shortfall downside lackluster lacklustre overvalued unrest toxic stuck uncompetitive threatening
hampered hamper hampers setback setbacks squeeze squeezed squeezing panic plight wary vulnerable
illegal invalid falsified scam convicted accused accuses prohibits outage outages oversupply
contracted burdens tightened charges recall recalls scrapped scraps
""")

BAD_SOFT = _words("""
fine fined fines penalty penalties probe probes investigation investigates concern concerns lay-offs
redundancies strikes closures terminate termination cancellation impairment writedown write-down
accident leak alleged uncertain uncertainty cautious slow loss losses deficit violation close closes
shut ban bans risk risks volatile expensive
""")
"""Bad words that reports also use without a verdict."""

SIGNED = _words("""
agreement contract deal order orders partnership contracts alliance
""")
"""Signed, won or received, they are good news; alone they are only news."""

GETTING = _words("""
signed signs sign won wins win received receives receive awarded secured secures inked inks clinched
clinches bagged obtained gets landed lands concluded
""")

NEGATIONS = frozenset(
    _words("""
not no n't never without neither nor cannot can't won't doesn't didn't isn't wasn't aren't hardly
unable fails failed despite lack lacks lacking unlikely denies denied stops wouldn't don't
""")
)

PHRASES: Mapping[str, float] = {
    "laid off": -1.5, "lay off": -1.5, "laying off": -1.5, "job cuts": -1.5, "cut jobs": -1.5,
    "profit warning": -2.0, "personnel negotiations": -0.8, "codetermination negotiations": -0.5,
    "no longer needed": -1.0, "shut down": -1.0, "falling short": -1.0, "fell short": -1.0,
    "falls short": -1.0, "short of": -0.6, "below expectations": -1.2, "than expected": 0.0,
    "above expectations": 1.2, "beat estimates": 1.5, "beats estimates": 1.5, "tops estimates": 1.5,
    "beats expectations": 1.5, "beat expectations": 1.5, "misses estimates": -1.5,
    "missed estimates": -1.5, "miss estimates": -1.5, "swung to a net loss": -2.0,
    "swung to a loss": -2.0, "swung to loss": -2.0, "swings to loss": -2.0, "up to": 0.0,
    "swung to a net profit": 2.0, "swung to a profit": 2.0, "swung to profit": 2.0,
    "swings to profit": 2.0, "turned to profit": 2.0, "turn to profit": 2.0, "into the red": -1.5,
    "back to profit": 1.5, "remain at loss": -1.2, "all time high": 1.0, "all-time high": 1.0,
    "record high": 1.2, "record highs": 1.2, "record low": -1.2, "record lows": -1.2,
    "52-week high": 1.2, "52-week low": -1.2, "year high": 0.8, "year low": -0.8,
    "multi-year high": 1.0, "multi-year low": -1.0, "month high": 0.9, "month low": -0.9,
    "week high": 0.9, "week low": -0.9, "day high": 0.7, "day low": -0.7, "session high": 0.7,
    "session low": -0.7, "new high": 0.9, "new highs": 0.9, "new low": -0.9, "new lows": -0.9,
    "price target raised": 1.2, "price target cut": -1.2, "price target lowered": -1.2,
    "target raised": 1.0, "target cut": -1.0, "target lowered": -1.0, "pt raised": 1.0,
    "pt cut": -1.0, "pt lowered": -1.0, "raised to buy": 1.2, "upgraded to": 0.5,
    "cut to": -0.8, "cut at": -0.8, "raised at": 0.8, "initiated at buy": 0.8,
    "started at buy": 0.8, "started at overweight": 0.6, "started at outperform": 0.6,
    "started at sell": -0.8, "buy rating": 0.8, "sell rating": -0.8, "buy recommendation": 0.9,
    "sell recommendation": -0.9, "market leader": 0.8, "market share": 0.0, "world 's leading": 0.4,
    "one of the leading": 0.4, "leading provider": 0.0, "record date": 0.0, "cold cuts": 0.0,
    "slide show": 0.0, "good position": 0.6,
    "cost savings": 1.2, "annual savings": 1.2, "cost cutting": 0.4, "cost-cutting": 0.4,
    "strong buy": 1.2, "weigh on": -1.0, "weighs on": -1.0, "weighed on": -1.0,
    "weighing on": -1.0, "under pressure": -1.0, "pared losses": 0.5, "trims losses": 0.5,
    "trim losses": 0.5, "extends gains": 1.0, "extend gains": 1.0, "extends losses": -1.0,
    "extend losses": -1.0, "pares gains": -0.5, "trims gains": -0.5, "pare gains": -0.5,
    "gains ground": 1.0, "gain ground": 1.0, "loses ground": -1.0, "lose ground": -1.0,
    "regains ground": 1.0, "takes off": 0.6, "on track": 0.5, "net inflows": 0.8,
    "capital increase": 0.0, "shares outstanding": 0.0, "great britain": 0.0, "as well": 0.0,
    "well known": 0.0, "well as": 0.0, "number of shares": 0.0, "fast growing": 0.4,
    "up to date": 0.0, "take up": 0.0, "takes up": 0.0, "teamed up": 0.0,
    "set up": 0.0, "sets up": 0.0, "setting up": 0.0, "made up": 0.0, "follow up": 0.0,
    "stepped down": 0.0, "step down": 0.0, "steps down": 0.0, "break down": 0.0,
    "more than": 0.0, "less than": 0.0, "at least": 0.0, "no more": 0.0, "added value": 0.2,
    "pick up": 0.8, "picked up": 0.8,
    "picks up": 0.8, "sign of improvement": 0.8, "green light": 0.8, "conflict of interest": -0.8,
    "price war": -1.0, "trade war": -0.8, "expand its": 0.5, "double its": 0.4, "in the black": 1.0,
    "not pay": -0.8, "hit by": -1.0, "hit hard": -1.0, "loses": -1.0, "lost": -0.7, "lose": -0.9,
    "losing": -0.9, "strategic partner": 0.5, "preferred supplier": 0.8, "annual improvement": 0.6,
}  # fmt: skip
"""Word sequences with their own tone; they take the place of what their words would say."""

FX: Mapping[str, float] = {
    "strongest": 0.6, "weakest": -0.6, "hawkish": 1.0, "dovish": -1.0, "hawks": 0.6, "doves": -0.6,
    "tighten": 0.8, "tightens": 0.8,
    "tightening": 0.8, "tightened": 0.8, "loosen": -0.8, "loosens": -0.8, "loosening": -0.8,
    "stimulus": -0.6, "rate hike": 1.0, "rate hikes": 1.0, "rate rise": 1.0, "rate rises": 1.0,
    "rate increase": 1.0, "rate cut": -1.0, "rate cuts": -1.0, "cuts rates": -1.0,
    "cut rates": -1.0, "cutting rates": -1.0, "cuts interest rates": -1.0, "hikes rates": 1.0,
    "cut interest rates": -1.0, "cuts key rate": -1.0, "hike rates": 1.0, "raises rates": 1.0,
    "raise rates": 1.0, "raised rates": 1.0, "raising rates": 1.0, "lifts rates": 1.0,
    "hikes interest rates": 1.0, "raises interest rates": 1.0, "raise interest rates": 1.0,
    "lower rates": -0.8, "lower interest rates": -0.8, "higher rates": 0.8,
    "higher interest rates": 0.8, "quantitative easing": -1.0, "qe": -0.6, "asset purchases": -0.4,
    "bond buying": -0.6, "tapering": 0.7, "taper": 0.7, "negative rates": -1.0,
    "easing bias": -0.8, "tightening bias": 0.8, "intervention": -0.7, "intervenes": -0.7,
    "safe haven": 0.5, "safe-haven": 0.5, "hard landing": -0.7, "stagflation": -0.6,
    "trade surplus": 0.5, "trade deficit": -0.5, "parity": 0.0, "no-deal": -0.8,
    "risk appetite": 0.2, "delays rate hikes": -1.2, "delays rate hike": -1.2,
    "delay rate hikes": -1.2, "bolder easing": -0.8, "pause": -0.3, "pauses": -0.3,
}  # fmt: skip
"""For a currency, of its own central bank and economy: dearer money is good for it."""

FX_NOUNS: Mapping[str, int] = {
    "inflation": 1, "cpi": 1, "pmi": 1, "rates": 1, "rate": 1, "yields": 1, "retail": 1,
    "unemployment": -1, "jobless": -1, "claims": -1, "deficit": -1, "reserves": 1, "wages": 1,
    "payrolls": 1, "nonfarm": 1,
}  # fmt: skip

GOLD: Mapping[str, float] = {
    "safe haven demand": 1.0, "safe-haven demand": 1.0, "safe haven": 0.7, "safe-haven": 0.7,
    "haven": 0.5, "haven demand": 0.8, "bargain hunting": 0.8, "bargain-hunting": 0.8,
    "short covering": 0.6, "short-covering": 0.6, "profit taking": -0.8, "profit-taking": -0.8,
    "profit booking": -0.8, "profit-booking": -0.8, "central bank buying": 0.8, "risk-on": -0.6,
    "risk-off": 0.6, "risk aversion": 0.6, "etf inflows": 0.8, "etf outflows": -0.8,
    "liquidation": -0.6, "seasonal demand": 0.5, "jewellery demand": 0.5, "physical demand": 0.5,
    "fresh buying": 0.8, "geopolitical tensions": 0.7, "geopolitical": 0.3, "stockists buying": 0.5,
    "glitters": 0.6, "glitter": 0.5, "loses shine": -0.8, "loses sheen": -0.8, "lustre": 0.1,
    "luster": 0.1, "sheen": 0.1, "ends higher": 0.8, "ends lower": -0.8, "buying": 0.4,
    "selling": -0.4, "snaps": -0.2, "record levels": 0.2, "in the red": -0.8, "in the green": 0.8,
    "buy": 0.3, "sell": -0.4, "rate hike": -0.8, "rate hikes": -0.8, "rate cut": 0.8,
    "rate cuts": 0.8, "hawkish": -0.7, "dovish": 0.7, "hikes interest rates": -0.8,
    "tightening": -0.6, "stimulus": 0.6, "tapering": -0.7, "quantitative easing": 0.8,
    "cuts rates": 0.8, "raises rates": -0.8, "hikes rates": -0.8,
}  # fmt: skip
"""For gold: fear and cheap money are good for it."""

CRYPTO: Mapping[str, float] = {
    "hack": -1.2, "hacks": -1.0, "hacked": -1.2, "hacker": -0.9, "hackers": -0.9, "exploit": -1.0,
    "exploited": -1.2, "exploits": -1.0, "stolen": -1.0, "steal": -0.8, "steals": -0.8,
    "drained": -1.0, "rug": -0.8, "rug pull": -1.2, "rugpull": -1.2, "ponzi": -1.0, "scam": -1.0,
    "depeg": -1.2, "depegs": -1.2, "de-peg": -1.2, "ban": -1.0, "bans": -1.0, "banned": -1.0,
    "banning": -1.0, "crackdown": -1.0, "delist": -1.0, "delists": -1.0, "delisting": -1.0,
    "delisted": -1.0, "lists": 0.5, "listing": 0.6, "gets listed": 0.8, "to list": 0.6,
    "approves": 0.7, "approved": 0.7, "approval": 0.7, "etf approval": 1.3, "etf approved": 1.3,
    "approves etf": 1.3, "spot etf": 0.3,
    "etf rejected": -1.2, "rejects etf": -1.2, "rejects": -0.7, "rejected": -0.7,
    "etf inflows": 1.0, "etf inflow": 1.0, "inflows": 0.8, "inflow": 0.8, "etf outflows": -1.0,
    "etf outflow": -1.0, "outflows": -0.8, "outflow": -0.8, "liquidations": -0.8,
    "liquidated": -0.8, "liquidation": -0.8, "adoption": 0.7, "adopts": 0.7, "adopt": 0.5,
    "legal tender": 0.9, "accumulate": 0.6, "accumulates": 0.6, "accumulating": 0.6,
    "accumulation": 0.6, "whales buy": 0.7, "whales sell": -0.7, "halving": 0.3, "mainnet": 0.3,
    "freeze withdrawals": -1.3, "halts withdrawals": -1.3, "pauses withdrawals": -1.3,
    "withdrawals": -0.3, "bear market": -0.8, "bull market": 0.8, "bull run": 0.9, "moon": 0.4,
    "capitulation": -0.8, "crypto winter": -0.9, "51% attack": -1.2, "attack": -0.8,
    "attacker": -0.8, "vulnerability": -0.8, "breach": -0.9, "death cross": -0.7,
    "golden cross": 0.7, "ath": 0.7, "dump": -0.6, "dumps": -0.6, "dumped": -0.6, "pump": 0.4,
    "pumps": 0.4, "buys the dip": 0.6, "dominance": 0.0, "miners sell": -0.6, "staking": 0.1,
    "money laundering": -0.8, "sanctions": -0.5, "sanctioned": -0.6, "sec charges": -1.0,
    "sec sues": -1.2, "institutional": 0.3, "bottom": 0.0, "launch": 0.2, "launches": 0.2,
    "integrates": 0.4, "supports": 0.3, "accepts": 0.5, "accept": 0.3, "contagion": -0.9,
}  # fmt: skip
"""For coins: hacks, listings, bans, adoption and the flows of funds."""

ACTING_UP = frozenset(
    _words(
        "lift lifts lifted boost boosts boosted support supports supported supporting"
        " buoy buoys buoyed bolster bolsters bolstered help helps helped"
    )
)
ACTING_DOWN = frozenset(
    _words(
        "hurt hurts weigh weighs weighed pressure pressures pressured drag drags"
        " dragged sink sinks dent dents dented hammer hammers hammered knock knocks"
        " knocked batter batters battered pummel pummels"
    )
)
"""Verbs whose tone belongs to what follows them, not to what stands before."""

LEVELS = frozenset(["low", "lows", "high", "highs", "record"])
"""Last words of hits that only say how far a move went, once a direction has said which way."""

CLAUSE_ENDS = frozenset([".", ";", "!", "?", "|", ":", "but", "although", "while", "whereas"])
