"""One plain symbol for the many ways in which an instrument is written."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.core.instruments import KNOWN, instrument
from assay.core.symbols import COINS, CURRENCIES, METALS, QUOTES, kind_of_symbol, plain_symbol
from assay.core.values.instrument import AssetClass

WRITTEN = {
    "EURUSD": (
        "EURUSD", "eurusd", " EUR/USD ", "EUR-USD", "eur_usd", "EURUSD=X", "C:EURUSD", "FX:EURUSD",
        "OANDA:EURUSD", "OANDA:EUR_USD", "FX_EURUSD", "FX_IDC:EURUSD", "FX_IDC_EURUSD", "EURUSD.m",
        "EURUSDm", "EURUSD.pro", "EURUSD.PRO", "EURUSD#", "EURUSD+", "EURUSD_i", "EURUSD-ecn",
        "FX:EURUSDm", "EURUSDc", "EURUSD.r",
    ),
    "USDJPY": ("USD/JPY", "JPY=X", "USDJPY=X"),
    "USDEUR": ("EUR=X",),
    "XAUUSD": ("XAU/USD", "OANDA:XAUUSD", "XAUUSD.a", "xau_usd"),
    "BTCUSD": ("BTC-USD", "X:BTCUSD", "XBTUSD", "XBT/USD", "COINBASE:BTCUSD", "btc_usd"),
    "BTCUSDT": ("BTC/USDT", "BTC-USDT", "BTC_USDT", "BINANCE:BTCUSDT", "XBT/USDT", "BTCUSDTm"),
    "BTCUSDC": ("BTCUSDC", "BTC/USDC"),
    "BTCUSDT.P": (
        "BTC/USDT:USDT", "BTCUSDT.P", "BTCUSDT_PERP", "BTCUSDT-PERP", "BTCUSDTPERP",
        "BINANCE:BTCUSDT.P", "BTC-USDT-SWAP", "XBTUSDT_PERP",
    ),
    "BTCUSD.P": ("BTCUSD_PERP", "BTC/USD:BTC"),
    "ETHBTC": ("ETH/BTC", "ETHBTC"),
    "EURUSDT": ("EURUSDT", "EUR/USDT"),
    "FLOKIUSD": ("FLOKI-USD",),
    "AAPL": ("AAPL", "aapl", "AAPL.US", "aapl.us", "NASDAQ:AAPL", "AAPL.US/USD", "AAPL.USUSD"),
    "BRK.B": ("BRK.B", "BRK.B.US", "NYSE:BRK.B"),
    "BRK-B": ("BRK-B",),
    "VOD.UK": ("VOD.UK",),
    "GSPC": ("^GSPC",),
    "SPX": ("I:SPX", "SPX"),
    "GC=F": ("GC=F",),
    "ES1!": ("CME_MINI:ES1!",),
    "BTCUSDT-240628": ("BTC/USDT:USDT-240628",),
    "BTCUSDT_240628": ("BTCUSDT_240628",),
    "BTCUSDT-INDEX": ("BTCUSDT-INDEX",),
    "EURUSDM": ("EURUSDM",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "plain"), [(one, plain) for plain, many in WRITTEN.items() for one in many]
)
def test_a_symbol_may_be_written_in_many_ways(written: str, plain: str) -> None:
    assert plain_symbol(written) == plain


@pytest.mark.parametrize("written", ["", "  ", "!!", "€", "/"])
def test_what_names_nothing_is_refused(written: str) -> None:
    with pytest.raises(DataError, match="names no instrument"):
        plain_symbol(written)


LETTERS = "ABCEPRSTUXabdmtu019./:_=^#+!-$ é,"


@given(
    text=st.one_of(
        st.text(alphabet=LETTERS, max_size=14),
        st.builds(
            lambda *parts: "".join(parts),
            st.sampled_from(["", "FX:", "OANDA_", "X:", "^", "eur/"]),
            st.sampled_from(["EURUSD", "BTC/USDT", "XBTUSD", "XAU_USD", "AAPL", "usdJPY", "BTC"]),
            st.sampled_from(["", "m", ".m", ".US", "=X", ":USDT", "_PERP", ".P", "PERP.P", "/USD"]),
            st.sampled_from(["", "#", ".US", "/", "_PERP", "T"]),
        ),
    )
)
@example(text="EUR=X")
@example(text="EUR//USD")
@example(text="A:B:C")
def test_a_plain_symbol_is_a_symbol_and_stays_as_it_is(text: str) -> None:
    if not any(letter.isascii() and letter.isalnum() for letter in text):
        return

    plain = plain_symbol(text)

    assert plain_symbol(plain) == plain
    assert replace(instrument("EURUSD"), symbol=plain).symbol == plain
    assert not set(plain) & set(" /,")


@pytest.mark.parametrize("symbol", sorted(KNOWN))
def test_known_instruments_are_plain_and_of_their_kind(symbol: str) -> None:
    assert plain_symbol(symbol) == symbol
    assert kind_of_symbol(symbol) is KNOWN[symbol].asset_class


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("EURUSD", AssetClass.FX),
        ("USDCNH", AssetClass.FX),
        ("eurnok", AssetClass.FX),
        ("XAGUSD", AssetClass.METAL),
        ("XAUEUR", AssetClass.METAL),
        ("BTCUSDT", AssetClass.CRYPTO),
        ("BTCUSDT.P", AssetClass.CRYPTO),
        ("ETHBTC", AssetClass.CRYPTO),
        ("SOLEUR", AssetClass.CRYPTO),
        ("USDXAU", None),
        ("EURUSD.P", None),
        ("EUREUR", None),
        ("BTCBTC", None),
        ("BTC", None),
        ("EUR", None),
        ("AAPL", None),
        ("US500", None),
        ("GC=F", None),
        ("", None),
    ],
)
def test_a_symbol_of_two_known_halves_tells_its_kind(symbol: str, kind: AssetClass | None) -> None:
    assert kind_of_symbol(symbol) is kind


def test_no_name_stands_for_two_things() -> None:
    assert not CURRENCIES & METALS
    assert not CURRENCIES & COINS
    assert not METALS & COINS
    pairs = [coin + quote for coin in COINS for quote in QUOTES if coin != quote]
    assert len(pairs) == len(set(pairs))
    assert all(kind_of_symbol(pair) is AssetClass.CRYPTO for pair in pairs)
