"""Where the name of a currency, a coin or a company means something else, as data."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS = _words("boc boe boj dxy ecb fomc hkma jgb jgbs pboc rba rbnz snb")
"""Names in capitals (two at least, as in BoJ), unless the whole text is small."""

NEEDS_MARKET = _words(
    "bullion dollar ether euro fed franc gold lira palladium platinum pound powell silver sterling"
    " yen treasuries"
)
"""Names that mean something else too: read as money where the text speaks of a market."""

NEEDS_CURRENCY = _words("aussie cable kiwi")
"""Names of people, birds and wires: read as money where the text speaks of exchange rates."""

NEEDS_COINS = frozenset(
    ["avalanche", "coin", "coins", "digital asset", "digital assets", "polygon", "ripple",
     "stellar"]
)  # fmt: skip
"""Names that are read as coins where the text speaks of coins."""

COMPOUNDS = _words("cable dollar ether gold pound silver sterling platinum palladium")
"""Names that stand in names of other things ("Sterling Bancorp", "Nate Silver")."""

FALSE_FRIENDS = (
    r"gold (?:coast|medal\w*|rush|card|standard|stars?|cup|glove|tier|award|jewellery heist|age"
    r"|fields|winner|parachute)",
    r"(?:olympic|olympics|win|wins|won|winning|strikes?|struck|clinch\w*|goes|going for) gold",
    r"(?:barrick|newcrest|kinross|yamana|royal|eldorado|agnico|centerra|perseus|regis) gold",
    r"silver (?:lining\w*|screen|medal\w*|lake|surfer|spoon|bullet|spring|award|tier|fox|haired)",
    r"(?:nate|john|quick|adam) silver",
    r"pounds? (?:of|cake|puppy|foolish|for pound|sign)|(?:ezra|dog|per|half|quarter) pound",
    r"sterling (?:results?|performances?|jobs?|work|silver|efforts?|reputation|record|career"
    r"|season|example|debut|service|start|year|quarter|bank\w*|construction|heights|check)",
    r"(?:raheem|donald|bruce) sterling",
    r"(?:an?|his|her|their|my|our|your|no) yen (?:for|to)",
    r"yen for (?!an? |the |\d|\w+(?:st|nd|rd|th)\b)",
    r"euro (?:\d{4}|disney|cup|championships?|stoxx|final\w*|millions|star|vision|pop|trip)",
    r"dollar (?:stores?|shops?|trees?|general|shave|signs?|menu|bills?|amounts?|figure)",
    r"(?:[mb]illion|trillion|thousand|hundred|top|bottom|half|sand|cfa)[- ](?:dollars?|euros?"
    r"|francs?|pounds?|yen)",
    r"fed (?:cup|up|ex|on|by|into|through|live|the)",
    r"(?:was|were|been|being|is|are|get|well|over|under|spoon|force|hand|grass|corn)[- ]fed",
    r"feds (?:charge|arrest|raid|indict|probe)\w*",
    r"cable (?:tv|television|compan\w+|operators?|one|news|networks?|cars?|bills?|providers?"
    r"|giant|firms?|internet|box\w*|subscribers?|channels?|unit|deal|business|makers?)",
    r"(?:power|usb|charging|fibre|fiber|optic|undersea|submarine|steel) cables?",
    r"kiwi ?(?:fruits?|farmers?|birds?|growers?|com)",
    r"aussie (?:rules|open|slang)",
    r"ripple (?:effects?|through)",
    r"stellar (?:results?|performance|growth|quarter|year|earnings|debut)",
    r"platinum (?:cards?|jubilee|album|record|equity|partners)|palladium theatre",
    r"british (?:airways|petroleum|american|land|gas|steel|virgin)|bank of america\w*",
    r"american (?:airlines|express|eagle|tower|international|electric|water|apparel|idol)",
    r"(?:north|south|latin|central) americ\w+",
    r"coin (?:toss|flip|op\w*|collect\w*|shortage)",
    r"(?:colin|michael|dick|michelle) powell|powell industries",
)
"""Expressions that hold a name and mean none of it."""

MARKET_WORDS = _words("""
$ % £ ¥ € analyst analysts band bank banks basis bears bet bets bid bond bonds boom bottoms bulls
buy buying buys carat ceiling chair chairman cheap close closed closes coins comex commodities
commodity contract contracts crude currencies currency cycle demand dovish duty economist economists
economy ends equities etf etfs exchange expensive flat forex funds futures fx governor gram grams
haven havens hawkish hedge high highest highs hits holdings holds import imports index inflation
interest intraday investor investors jewellers jobs level levels lose loses low lowest lows market
markets mcx meeting metal metals miners minutes momentum monetary officials oil opec ounce ounces
outlook outperforms oz pares parity peak peg percent pips policy policymakers pressured price priced
prices purity rally range rate rates recession reserves resistance rs rupees sell selling selloff
sells session short sideways speculators spot stable steadier steadies steady stimulus stockists
stocks support tad taper tapering tariff tariffs technicals tola trade traded trader traders trades
trading treasury troy unchanged versus volatile volatility vs weakness week weekly yield yields
""")
"""One of these, or a word of direction, says that a text speaks of a market."""

MONTHS = _words(
    "january february march april may june july august september october november december jan feb"
    " mar apr jun jul aug sep sept oct nov dec"
)

CURRENCY_WORDS = _words("""
carry currencies currency exchange forex fx greenback intraday pair parity pip pips resistance spot
support
""")

COIN_MARKET_WORDS = _words("""
airdrop altcoin altcoins binance blockchain coinbase crypto cryptocurrencies cryptocurrency cryptos
defi exchange ledger mainnet miners mining nft nfts sec stablecoin stablecoins token tokens wallet
wallets whales web3
""")

MACRO = (
    r"budget|cpi|deflation|disinflation|economic|economy|employment|gdp|inflation|jobless|payrolls"
    r"|pmis?|ppi|recession|stimulus|unemployment|wages?|monetary|deficit|surplus|central bank"
    r"|interest rates?|rate (?:hikes?|cuts?)|jobs (?:report|data|growth)|retail sales|home sales"
    r"|manufacturing (?:activity|data|growth|index|output|sector)|industrial (?:output|production)"
    r"|consumer (?:prices|confidence|sentiment|spending)|factory (?:orders|output|activity)"
    r"|housing starts|durable goods|trade (?:balance|gap)|current account|bond yields?"
    r"|business (?:confidence|climate)"
)
"""What a story of a country must speak of to be one of its currency."""

ORDINARY = _words("""
affirm alphabet amazon apple ball block boss bumble cable carnival carter caterpillar chase
citizens clear coach compass corning crown dash delta discover dollar domino dover eagle equity
express ford fossil fox gap general genius global guess harley honest hub jack key lands lemonade
life limited live macy marathon market mars match materials meta monster moody murphy national
oracle orange orchard peak pilgrim pool post progress progressive public pure quest ralph regions
republic rock root ross sabre sea shell simon snap sonic southern southwest sprout square stanley
state steel stitch strategy strive sun target team toast travelers trip twist under union united
unity universal vantage viper visa wells western williams wish wolf zoom
""")
"""Single words that name a company only where the text says so."""

COMPANY_WORDS = _words("""
inc corp corporation plc co ltd llc group holdings company shares share stock stocks ceo cfo coo
chief chairman earnings revenue profit profits dividend guidance quarterly ipo shareholders
investors analyst analysts stake takeover nasdaq nyse maker retailer chipmaker automaker airline
executive executives founder co-founder
""")
"""What stands beside the name of a company."""
