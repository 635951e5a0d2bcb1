"""A story is linked to what it speaks of, and to nothing that only sounds like it."""

import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.instruments import defined, equity, index, instrument
from assay.core.values.instrument import AssetClass
from assay.text.linking import Link, Linker
from assay.text.names import ECONOMIES, MORE_NAMES, NAMES
from tests.text.shared import shared_data

FX = ("EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "NZDUSD", "USDCAD", "EURGBP", "EURJPY")
SHARES = {
    "Apple Inc.": "AAPL",
    "Target Corporation": "TGT",
    "Visa Inc.": "V",
    "The Gap, Inc.": "GPS",
    "Microsoft Corporation": "MSFT",
    "Tesla, Inc.": "TSLA",
    "Amazon.com, Inc.": "AMZN",
    "Amazon": "AMZN",
    "General Electric Company": "GE",
    "Bank of America": "BAC",
    "AT&T Inc.": "T",
    "JPMorgan Chase & Co.": "JPM",
    "JPMorgan": "JPM",
    "The Coca-Cola Company": "KO",
    "Ford Motor Company": "F",
    "Ford": "F",
    "S&P 500": "US500",
}
LINKER = Linker(
    [
        *map(instrument, (*FX, "XAUUSD", "BTCUSDT", "ETHUSDT")),
        defined("XAGUSD", AssetClass.METAL),
        defined("SOLUSDT", AssetClass.CRYPTO),
        defined("XRPUSDT", AssetClass.CRYPTO),
        *(equity(symbol) for symbol in sorted({*SHARES.values()} - {"US500"})),
        index("US500"),
    ],
    SHARES,
)
USD = {symbol for symbol in FX if "USD" in symbol} | {"XAUUSD", "XAGUSD"}
EUR, GBP = {"EURUSD", "EURGBP", "EURJPY"}, {"GBPUSD", "EURGBP"}
JPY, CHF = {"USDJPY", "EURJPY"}, {"USDCHF"}
AUD, NZD, CAD = {"AUDUSD"}, {"NZDUSD"}, {"USDCAD"}
COINS = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"}
NONE: set[str] = set()

LABELLED: list[tuple[str, set[str]]] = [
    # currencies, banks and governors
    ("Dollar slips as traders await payrolls", USD),
    ("Greenback firms against peers", USD),
    ("Fed raises rates by 25 bp", USD),
    ("Fed's Powell: Years of strong jobs, low inflation still ahead", USD),
    ("FOMC minutes show split over taper", USD),
    ("US inflation quickens to 5 percent", USD),
    ("U.S. nonfarm payrolls beat forecasts", USD),
    ("Euro falls to two-week low", EUR),
    ("ECB holds rates, Lagarde sees slower growth", EUR),
    ("Bundesbank sees a recession this winter", EUR),
    ("German industrial output drops in May", EUR),
    ("Euro zone inflation hits record", EUR),
    ("Sterling slides after weak retail sales", GBP),
    ("Pound hits highest since Brexit vote", GBP),
    ("Bank of England's Andrew Bailey warns on prices", GBP),
    ("UK GDP shrinks in the third quarter", GBP),
    ("Yen jumps as BoJ tweaks its policy", JPY),
    ("Kuroda says the Bank of Japan will keep easing", JPY),
    ("Swiss franc climbs on haven demand", CHF),
    ("SNB intervened last week, data show", CHF),
    ("RBA leaves cash rate unchanged", AUD),
    ("Aussie falls after RBA holds", AUD),
    ("Kiwi slides as RBNZ turns dovish", NZD),
    ("Loonie strengthens with oil", CAD),
    ("BoC hikes rates again", CAD),
    ("Dollar gains against yen for third day", USD | JPY),
    # pairs
    ("EUR/USD slips below 1.10", {"EURUSD"}),
    ("EURUSD: buy the dip?", {"EURUSD"}),
    ("eurusd looks heavy", {"EURUSD"}),
    ("Euro-dollar parity comes into view", {"EURUSD"}),
    ("Dollar-yen rises past 150", {"USDJPY"}),
    ("GBP/USD and USD/CHF in focus", {"GBPUSD", "USDCHF"}),
    ("Cable rises above 1.3050 in thin trade", {"GBPUSD"}),
    ("XAU/USD breaks resistance", {"XAUUSD"}),
    ("BTC/USDT breaks out of its range", {"BTCUSDT"}),
    # metals and coins
    ("Gold rises as yields slip", {"XAUUSD"}),
    ("Spot Gold edges up on demand from China", {"XAUUSD"}),
    ("Bullion steady near $1,800 an ounce", {"XAUUSD"}),
    ("Silver outperforms as industrial metals rally", {"XAGUSD"}),
    ("Bitcoin tumbles below $20,000", {"BTCUSDT"}),
    ("MicroStrategy buys another 5,000 bitcoin", {"BTCUSDT"}),
    ("Solana and Cardano lead altcoins higher", {"SOLUSDT"}),
    ("Ripple wins a point against the SEC over its token", {"XRPUSDT"}),
    ("Crypto market loses $200 billion in a day", COINS),
    ("$BTC and $ETH look strong", {"BTCUSDT", "ETHUSDT"}),
    # companies and tickers
    ("$AAPL to the moon", {"AAPL"}),
    ("$aapl calls printing", {"AAPL"}),
    ("Tech giant (NASDAQ: AAPL) unveils phone", {"AAPL"}),
    ("Sales at the phone maker (AAPL) fall", {"AAPL"}),
    ("Apple shares fall after guidance", {"AAPL"}),
    ("Regulators look at Apple and its store", {"AAPL"}),
    ("Shares of Visa slip", {"V"}),
    ("Gap Inc names chief executive", {"GPS"}),
    ("Retailer Target cuts its outlook", {"TGT"}),
    ("Microsoft beats estimates on cloud", {"MSFT"}),
    ("Tesla to join S&P 500", {"TSLA", "US500"}),
    ("JPMorgan, Bank of America raise dividends", {"JPM", "BAC"}),
    ("General Electric to split in three", {"GE"}),
    ("AT&T sells its media unit", {"T"}),
    ("Coca-Cola raises prices", {"KO"}),
    ("Amazon stock jumps, dollar gains", USD | {"AMZN"}),
    # traps
    ("A golden opportunity for house buyers", NONE),
    ("Gold Coast home prices rise", NONE),
    ("She won Olympic gold in Tokyo", NONE),
    ("Gold medal price: what athletes earn", NONE),
    ("Barrick Gold shares rise on record output", NONE),
    ("Every cloud has a silver lining for investors", NONE),
    ("Silver Lake raises stake in software maker", NONE),
    ("Acme posts sterling results", NONE),
    ("Raheem Sterling scores record goal", NONE),
    ("Lenders demand their pound of flesh", NONE),
    ("He lost 20 pounds in a week", NONE),
    ("Target missed its target", NONE),
    ("Analysts raise price target to $50", NONE),
    ("The company hits its sales target", NONE),
    ("The Fed Cup final starts in Prague", NONE),
    ("Investors are fed up with low returns", NONE),
    ("FedEx raises rates for parcels", NONE),
    ("She has a yen for adventure", NONE),
    ("A yen for travel lifts airline stocks", NONE),
    ("Euro 2020 final lifts beer sales", NONE),
    ("Dollar General shares jump", NONE),
    ("Million-dollar homes sell faster", NONE),
    ("Leaders clash over trillion-euro aid", NONE),
    ("Sales rose to EUR 37.5 million from EUR 30 million", NONE),
    ("Mattel will close a factory in Canada", NONE),
    ("Cable television company loses subscribers", NONE),
    ("Kiwi fruit growers face a weak harvest", NONE),
    ("A stellar quarter for chip makers", NONE),
    ("The ripple effect of higher rates", NONE),
    ("British Airways cuts flights as economy slows", NONE),
    ("American Express profit beats as economy grows", NONE),
    ("An apple a day keeps inflation away", NONE),
    ("Mind the gap: pay of women lags", NONE),
    ("Visa rules for students tighten", NONE),
    ("Visa Waiver Program ends", NONE),
    ("He drove a Ford Mustang", NONE),
    ("Harrison Ford returns to the screen", NONE),
    ("Tell us about your economy car", NONE),
    ("The cat sat on the mat", NONE),
    ("A$AP Rocky releases new album", NONE),
    ("", NONE),
]


def linked(text: str, *tickers: str) -> set[str]:
    return {link.symbol for link in LINKER.links(text, tickers)}


@pytest.mark.parametrize(("text", "symbols"), LABELLED, ids=[text or "-" for text, _ in LABELLED])
def test_a_story_is_about_what_a_person_says_it_is(text: str, symbols: set[str]) -> None:
    assert linked(text) == symbols


def test_a_story_is_linked_only_to_what_was_asked_for() -> None:
    few = Linker([instrument("EURUSD")], {"Apple": "AAPL"})

    assert [link.symbol for link in few.links("$AAPL up, Apple shares too, yen down")] == []
    assert [link.symbol for link in few.links("ECB and $AAPL")] == ["EURUSD"]
    assert Linker([]).links("Dollar and gold rise") == ()


@pytest.mark.parametrize(
    ("ticker", "symbols"),
    [
        ("AAPL", {"AAPL"}),
        ("NASDAQ:AAPL", {"AAPL"}),
        ("AAPL.US", {"AAPL"}),
        ("$aapl", {"AAPL"}),
        ("BTC", {"BTCUSDT"}),
        ("CRYPTO:BTC", {"BTCUSDT"}),
        ("OANDA:EUR_USD", {"EURUSD"}),
        ("EURUSD=X", {"EURUSD"}),
        ("XAU", {"XAUUSD"}),
        ("ZZZZ", NONE),
        ("!", NONE),
    ],
)
def test_what_the_provider_says_is_believed(ticker: str, symbols: set[str]) -> None:
    assert linked("It happened today", ticker) == symbols
    assert all(
        link == Link(link.symbol, f"the provider says {ticker}", 0.95)
        for link in LINKER.links("It happened today", [ticker])
    )


def test_bare_capitals_are_a_ticker_only_where_the_provider_says_so() -> None:
    assert linked("AAPL and GE moved today") == NONE
    assert linked("AAPL and GE moved today", "GE") == {"GE"}


def test_the_surest_reason_is_kept_and_comes_first() -> None:
    links = LINKER.links("Dollar slides against the euro as the ECB holds rates", ["EURUSD"])

    assert links[0] == Link("EURUSD", "the provider says EURUSD", 0.95)
    assert [link.confidence for link in links] == sorted(
        (link.confidence for link in links), reverse=True
    )


def test_both_sides_make_a_pair_surer_than_one() -> None:
    sure = {link.symbol: link for link in LINKER.links("Greenback slips as the ECB turns hawkish")}

    assert sure["EURUSD"].confidence > sure["EURJPY"].confidence == sure["USDJPY"].confidence
    assert sure["EURUSD"].why == "Greenback and ECB are named"


def test_a_country_is_less_sure_than_its_central_bank() -> None:
    bank, country = LINKER.links("RBA speaks")[0], LINKER.links("Australian economy grows")[0]

    assert bank.symbol == country.symbol == "AUDUSD"
    assert bank.confidence > country.confidence


def test_every_name_of_the_tables_links_beside_a_sure_word_of_its_market() -> None:
    missing = []
    for code, names in [*NAMES.items(), *MORE_NAMES.items(), *ECONOMIES.items()]:
        kind = {"xau": AssetClass.METAL, "xag": AssetClass.METAL}.get(code, AssetClass.FX)
        if code.upper() not in {base for pair in FX for base in (pair[:3], pair[3:])} | {"XAU"}:
            continue
        symbol = f"{code.upper()}CHF" if code not in ("chf", "usd") else "USDCHF"
        linker = Linker([defined(symbol, kind)])
        missing += [
            name
            for name in names.split("|")
            if not linker.links(f"Forex: {name.upper()} rises with GDP")
        ]

    assert missing == []


@given(st.text())
def test_any_text_can_be_linked(text: str) -> None:
    links = LINKER.links(text, [text])

    assert all(0.0 < link.confidence <= 1.0 and link.why for link in links)


@pytest.fixture(scope="module")
def gold() -> pl.DataFrame:
    return pl.read_csv(shared_data("labels") / "gold_headlines_train.csv.gz")


def test_headlines_about_gold_are_linked_to_it(gold: pl.DataFrame) -> None:
    texts = gold["text"].drop_nulls().to_list()

    share = sum("XAUUSD" in linked(text) for text in texts) / len(texts)

    assert share > 0.95


def test_sentences_about_finnish_companies_name_no_currency_or_metal() -> None:
    sentences = pl.read_csv(shared_data("labels") / "phrasebank_train.csv.gz")["text"].to_list()

    share = sum(bool(linked(text)) for text in sentences) / len(sentences)

    assert share < 0.02


def test_ten_thousand_headlines_take_seconds() -> None:
    texts = [text for text, _ in LABELLED] * 100
    began = time.process_time()

    for text in texts:
        LINKER.links(text)

    assert time.process_time() - began < 10.0
