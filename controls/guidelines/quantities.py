"""Quantities in words: "30 days", "ninety (90) days", "two hours", "EUR 1,500.00", "80 %". What is not certain is none."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_UNITS: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS: Final = {
    **{word: number for number, word in enumerate(_UNITS.split(), start=1)},
    **{word: 10 * number for number, word in enumerate(_TENS.split(), start=2)},
}
_WORD: Final = "|".join(sorted(WORDS, key=len, reverse=True))
COUNT: Final = rf"(?:\d{{1,4}}|(?:{_WORD})(?:[- ](?:{_WORD}))?(?: \(\d{{1,4}}\))?)"
DAYS: Final = rf"{COUNT} (?:calendar )?(?:days?|weeks?)"
"""Working days are none of these: a control counts those of the calendar. Nor are months, which differ."""
MINUTES: Final = rf"{COUNT} (?:minutes?|hours?)"
PERCENT: Final = rf"{COUNT} ?(?:%|per ?cent)"
SIGNS: Final = {"€": "EUR", "$": "USD", "£": "GBP", "euro": "EUR", "euros": "EUR", "pounds": "GBP", "dollars": "USD", "francs": "CHF"}
_SIGN: Final = r"(?:EUR|USD|GBP|CHF|PLN|SEK|DKK|NOK|[€$£])"
_AMOUNT: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:\.\d{2})?"
MONEY: Final = rf"(?:{_SIGN} ?(?:{_AMOUNT})|(?:{_AMOUNT}) ?(?:{_SIGN}|euros?|pounds|dollars|francs))"
"""A point before the cents and commas between thousands, or neither: `1.500` could be either, and is not read."""
A_WEEK: Final = 7
AN_HOUR: Final = 60
TEN: Final = 10


@dataclass(frozen=True)
class Quantity:
    value: int | float
    currency: str | None = None


def quantity(kind: str, text: str) -> Quantity | None:
    """What a text of one of the kinds above says, in days, minutes, a share or units of money; None where it contradicts itself.

    Texts of other kinds are words, not quantities, and stand for nought.
    """
    if kind == "money":
        return _money(text)
    if kind not in {"days", "minutes", "percent", "count"}:
        return Quantity(0)
    number = _number(re.sub(r"[^\w() -]", " ", text))
    if number is None:
        return None
    if kind == "percent":
        return Quantity(number / 100)
    times = A_WEEK if re.search("weeks?$", text, re.IGNORECASE) else AN_HOUR if re.search("hours?$", text, re.IGNORECASE) else 1
    return Quantity(number * times)


def _number(text: str) -> int | None:
    """A number in digits or words; in both only where they agree."""
    found = re.match(rf"({_WORD})(?:[- ]({_WORD}))?(?: \((\d+)\))?", text, re.IGNORECASE)
    if found is None:
        digits = re.match(r"\d+", text)
        return int(digits[0]) if digits else None
    first, second = WORDS[found[1].lower()], WORDS[(found[2] or "").lower()] if found[2] else 0
    if second and (first < 2 * TEN or second >= TEN):
        return None
    number = first + second
    return number if found[3] is None or int(found[3]) == number else None


def _money(text: str) -> Quantity:
    sign = re.search(rf"{_SIGN}|euros?|pounds|dollars|francs", text, re.IGNORECASE)
    amount = Decimal(re.search(r"[\d,.]+", text)[0].replace(",", ""))  # type: ignore[index] # the pattern has digits
    named = sign[0] if sign else ""
    return Quantity(float(amount), SIGNS.get(named.lower(), named.upper()))
