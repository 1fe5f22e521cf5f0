"""One currency for ranking: amounts at the rate known at the instant of scoring."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from records.known import Known


@dataclass(frozen=True)
class Exchange:
    """Rates into the reporting currency; `missing` names currencies without one, which count one for one, and the worklist says so."""

    reporting: str
    rates: dict[str, Decimal]
    missing: tuple[str, ...]

    def convert(self, amount: Decimal, currency: str) -> Decimal:
        return (amount * self.rates.get(currency, Decimal(1))).quantize(Decimal("0.01"))

    @property
    def notice(self) -> str:
        """What a reader must know, or nothing."""
        if not self.missing:
            return ""
        return f"No exchange rate into {self.reporting} is known for {', '.join(self.missing)}: these amounts are ranked one for one."


def exchange(known: Known, currencies: list[str], *, as_of: datetime, reporting: str | None) -> Exchange:
    """`currencies`: those of the rows to rank, the most frequent first; that one is the reporting currency where none is given."""
    into = reporting or (currencies[0] if currencies else "USD")
    held = known.at(as_of, "fx_rate").sort("as_of_on", "recorded_at", "fx_id").select("base", "quote", "rate").collect().rows()
    direct = {base: Decimal(rate) for base, quote, rate in held if quote == into}
    inverse = {quote: 1 / Decimal(rate) for base, quote, rate in held if base == into and rate}
    rates = {**inverse, **direct, into: Decimal(1)}
    return Exchange(into, rates, tuple(sorted({one for one in currencies if one not in rates})))
