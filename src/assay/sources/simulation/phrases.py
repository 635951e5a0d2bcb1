"""Sentences of a newswire about currencies, with gaps to fill; the words for money.

In braces: `name` `Name` the money ("euro"), `the` with its article if it takes one, `econ` `Econ`
`adj` its economy, `bank` its central bank, `rival` the money on the other side of the pair; the
rest are the lists of `WORDS`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences by what they mean for the price of their subject, the commonest first.

    `good` and `bad` for it, `calm` neither, `torn` both, `aside` about something else; `rose` and
    `fell` tell of the past.
    """

    good: tuple[str, ...]
    bad: tuple[str, ...]
    calm: tuple[str, ...]
    torn: tuple[str, ...]
    aside: tuple[str, ...]
    rose: tuple[str, ...]
    fell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """The words for one currency."""

    names: tuple[str, ...]
    econ: str
    adj: str
    bank: str


MONEY = {
    "USD": Money(("dollar", "dollar", "greenback", "U.S. dollar"), "U.S.", "U.S.", "Fed"),
    "EUR": Money(("euro", "euro", "single currency"), "euro zone", "euro zone", "ECB"),
    "GBP": Money(("sterling", "pound", "British pound"), "UK", "British", "Bank of England"),
    "JPY": Money(("yen", "yen", "Japanese yen"), "Japan", "Japanese", "BOJ"),
    "CHF": Money(("Swiss franc", "franc"), "Switzerland", "Swiss", "SNB"),
    "AUD": Money(("Australian dollar", "Aussie"), "Australia", "Australian", "RBA"),
    "NZD": Money(("New Zealand dollar", "kiwi"), "New Zealand", "New Zealand", "RBNZ"),
    "CAD": Money(("Canadian dollar", "loonie"), "Canada", "Canadian", "Bank of Canada"),
}

WORDS = {
    "up": ("rises", "climbs", "gains", "firms", "advances", "edges higher", "jumps", "strengthens",
           "rallies", "ticks up", "pushes higher"),
    "down": ("falls", "slips", "drops", "weakens", "slides", "edges lower", "retreats", "tumbles",
             "sinks", "eases", "loses ground"),
    "beat": ("beats forecasts", "tops expectations", "comes in above forecast",
             "is stronger than expected", "smashes expectations", "surprises on the upside"),
    "miss": ("misses forecasts", "falls short of expectations", "comes in below forecast",
             "is weaker than expected", "disappoints", "surprises on the downside"),
    "data": ("retail sales growth", "factory output", "GDP growth", "services activity",
             "business morale", "consumer confidence", "job creation", "industrial production"),
    "high": ("one-week", "two-week", "one-month", "three-month", "six-month", "one-year"),
    "who": ("policymaker", "rate-setter", "official", "board member", "chief economist"),
    "house": ("Goldman", "UBS", "Citi", "HSBC", "Nomura", "ING", "Rabobank", "MUFG", "Barclays"),
    "when": ("on Thursday", "this week", "next month", "on Tuesday", "by year-end", "in autumn"),
    "day": ("second", "third", "fourth", "fifth"),
    "n": ("2", "3", "4", "5", "8", "12", "15", "20", "25", "40"),
    "city": ("Geneva", "Osaka", "Toronto", "Lyon", "Auckland", "Leeds", "Denver", "Perth"),
}  # fmt: skip

CURRENCY = Phrases(
    good=(
        "{Name} {up} after strong {adj} jobs report",
        "{bank} signals more rate hikes as price pressures persist",
        "{bank} raises rates by more than expected, {name} {up}",
        "{Econ} {data} {beat}",
        "{Econ} {data} {beat}, boosting {the}",
        "{Name} {up} to {high} high on upbeat {adj} data",
        "{bank} {who} says rates may have to go higher still",
        "Hawkish {bank} minutes lift {the}",
        "{Econ} unemployment falls to lowest in a decade",
        "{Econ} trade deficit narrows sharply as exports recover",
        "{adj} recession fears ease as orders rebound",
        "{house} upgrades its {name} forecast, sees further gains",
        "{Econ} inflation runs hotter than forecast, {bank} rate-cut bets fade",
        "{Name} {up} as traders pare bets on {bank} easing",
        "{Name} finds favour as {adj} bond yields climb",
        "Investors pile into {the} after {bank} drops dovish language",
        "{bank} rules out early rate cut, {who} says",
        "{Econ} wage growth accelerates, adding pressure on {bank} to tighten",
        "{Name} strengthens on hopes of a trade deal",
        "Ratings agency lifts outlook on {adj} debt to positive",
        "{adj} consumers open their wallets again, survey shows gains across sectors",
        "{bank} seen holding its nerve as inflation refuses to budge",
        "Doves on the back foot at {bank} as prices heat up",
        "{Name} bulls back in the driving seat",
        "{Econ} economy turns the corner, leading index suggests",
        "{adj} factories fire on all cylinders",
        "No let-up for {name} shorts as squeeze gathers pace",
        "{bank} not done yet, markets conclude",
        "{Name} shrugs off political noise and {up}",
        "{bank} {who} pushes back against rate-cut talk",
    ),
    bad=(
        "{Name} {down} after weak {adj} jobs report",
        "{bank} cuts rates by more than expected, {name} {down}",
        "{Name} {down} as traders add to bets on {bank} easing",
        "{Econ} {data} {miss}",
        "{Econ} {data} {miss}, hurting {the}",
        "{Name} {down} to {high} low on gloomy {adj} data",
        "{bank} {who} says there is room to lower rates",
        "Dovish {bank} minutes weigh on {the}",
        "{Econ} unemployment rises to highest in a decade",
        "{Econ} trade deficit widens as exports slump",
        "{adj} recession fears grow as orders shrink",
        "{house} cuts its {name} forecast, warns of further losses",
        "{Econ} inflation cools faster than forecast, {bank} rate-cut bets grow",
        "{bank} hints at rate cuts as growth falters",
        "{Name} under pressure as {adj} bond yields fall",
        "Investors dump {the} after {bank} drops hawkish language",
        "{bank} opens door to early rate cut, {who} says",
        "{Econ} wage growth slows, easing pressure on {bank} to tighten",
        "{Name} weakens on fears of new tariffs",
        "Ratings agency cuts outlook on {adj} debt to negative",
        "{adj} consumers tighten their belts, survey shows declines across sectors",
        "{bank} seen losing its nerve as growth stalls",
        "Hawks on the back foot at {bank} as prices cool",
        "{Name} on the ropes as buyers step away",
        "Wheels come off the {adj} recovery story",
        "Dark clouds gather over {adj} factories",
        "{Name} runs out of road after long climb",
        "{bank} blinks, and markets notice",
        "{Name} fails to hold on to early strength and {down}",
        "{bank} {who} plays down inflation worries, backs looser policy",
    ),
    calm=(
        "{Name} little changed ahead of {adj} data {when}",
        "{bank} to publish minutes of last meeting {when}",
        "{bank} leaves rates unchanged, as expected",
        "{Econ} {data} in line with forecasts",
        "{Name} treads water against the {rival} in thin trade",
        "FX option expiries to watch in {name}/{rival} {when}",
        "{house} keeps its {name}/{rival} target unchanged",
        "What to watch in {adj} markets {when}",
        "{Name} holds steady as investors await {bank}",
        "{bank} {who} to speak in {city} {when}",
    ),
    torn=(
        "{Econ} growth {beat} but inflation cools",
        "{Name} gives up early gains to trade flat against the {rival}",
        "{Econ} jobs rise, wages fall short: a mixed bag for {bank}",
        "{bank} split on next move, minutes show",
        "Weak exports and strong spending pull {name} both ways",
        "{house} sees {name} lower now, higher later",
    ),
    aside=(
        "{adj} rail strike called off after talks in {city}",
        "{city} airport reopens after fog delays",
        "{Econ} museum wins record number of visitors",
        "{adj} team drops star striker for cup final",
        "{city} hosts summit on ocean plastics {when}",
        "{adj} telecoms watchdog opens consultation on {n} GHz band",
        "{adj} author wins literary prize",
        "Storm cuts power to homes near {city}",
    ),
    rose=(
        "{Name} extends gains against the {rival} into a {day} day",
        "{Name} up {n} pips on the {rival} since yesterday, traders say",
        "Why {the} has been rising against the {rival}",
        "{Name} caps winning run versus {rival}",
    ),
    fell=(
        "{Name} extends losses against the {rival} into a {day} day",
        "{Name} down {n} pips on the {rival} since yesterday, traders say",
        "Why {the} has been falling against the {rival}",
        "{Name} caps losing run versus {rival}",
    ),
)
