"""What a reviewer finds on a draft: each of its lines held against card, contract, record and what was billed before."""

from typing import Final

import polars as pl

from features.burn import billings, leading
from features.draft_lines import heads, judged, other_party, siblings
from features.feature import feature
from features.histories import invoices, issued, lacking_po
from features.signal import Signal, count, mean, ordered, standing, total
from records.known import MONEY_SCALE, Facts, Known

PRICE: Final = "price"
GRADE: Final = "grade"
ARITHMETIC: Final = "arithmetic"
REPEATED: Final = "billed twice"
PERIOD: Final = "period"
RECORD: Final = "time on record"
WORDING: Final = "wording"
EXPENSES: Final = "expenses"
ACCEPTANCE: Final = "acceptance"
PARTY: Final = "party"
CAP: Final = "cap"
SPLIT: Final = "split"
TEAM: Final = "team"
MAKE_UP: Final = "make-up"
FLAWS: Final = "flaws"


@feature(unit="percent", group=PRICE, phrase="a line's price lies {seen} over the card (usual: {usual})", missing="zero")
def line_over_card(known: Known) -> Signal:
    """How far the price an hour of any line lies over the card that stood on its first day, for the role it names."""
    return _most(known, "over_card")


@feature(unit="percent", group=PRICE, phrase="{seen} of the draft is charged over the card (usual: {usual})", missing="zero")
def draft_over_card(known: Known) -> Signal:
    """Money over the card, of all lines together, over the draft's net amount."""
    return _share(known, "over_money")


@feature(unit="percent", group=PRICE, phrase="a price rose by {seen} since the invoice before (usual: {usual})", missing="zero")
def line_price_rise(known: Known) -> Signal:
    """How far the price of any person's hour lies over that of the project's invoice before."""
    return _most(known, "price_rise")


@feature(unit="percent", group=GRADE, phrase="a line is billed {seen} over the role its person has (usual: {usual})", missing="zero")
def line_over_grade(known: Known) -> Signal:
    """How far the price of any line lies over the card of the role that its person has on the project, where the line names another."""
    return _most(known, "over_grade")


@feature(unit="percent", group=ARITHMETIC, phrase="a line's amount misses quantity times price by {seen} (usual: {usual})", missing="zero")
def line_miscounted(known: Known) -> Signal:
    """How far the amount of any line misses its quantity times its price."""
    return _most(known, "miscounted")


@feature(unit="count", group=REPEATED, phrase="lines that bill what another line bills too: {seen} (usual: {usual})", missing="zero")
def lines_again(known: Known) -> Signal:
    """How many lines bill the same hours and days of a person, the same expense or the same milestone as another, there or before."""
    return total(known.derived(judged), "again", by="invoice_id")


@feature(unit="share", group=REPEATED, phrase="{seen} of a line's days were billed before (usual: {usual})", missing="zero")
def line_days_billed_before(known: Known) -> Signal:
    """The largest share of any line's days for which the same task of the same person was billed before."""
    return _most(known, "overlap")


@feature(unit="days", group=PERIOD, phrase="a line ends {seen} before the invoice's period begins (usual: {usual})", missing="zero")
def line_days_before_period(known: Known) -> Signal:
    """Days from the end of the earliest hourly line to the first day of the invoice's period."""
    return ordered(known.derived(_hourly), "days_before", how="max", by="invoice_id")


@feature(unit="days", group=PERIOD, phrase="its time on record lies {seen} outside the days a line names (usual: {usual})", missing="zero")
def line_days_off_record(known: Known) -> Signal:
    """Days by which the time on record of any line lies outside the days it names."""
    return ordered(known.derived(judged), "days_off", how="max", by="invoice_id")


@feature(unit="share", group=RECORD, phrase="{seen} of the hours of a line are not on record (usual: {usual})", missing="zero")
def line_hours_unrecorded(known: Known) -> Signal:
    """The largest share of any line's hours for which no time is on record."""
    return _most(known, "unrecorded")


@feature(unit="share", group=WORDING, phrase="lines worded like one of these were disputed in {seen} of cases (usual: {usual})")
def line_wording_rate(known: Known) -> Signal:
    """The share of earlier lines of the same kind and words that was disputed, of the line where it is largest."""
    return _most(known, "wording_rate")


@feature(unit="count", group=WORDING, phrase="words of the line that says least: {seen} (usual: {usual})")
def line_words_least(known: Known) -> Signal:
    """Words in the description of the hourly line that has fewest."""
    return ordered(known.derived(_hourly), "words", how="min", by="invoice_id")


@feature(unit="count", group=EXPENSES, phrase="expenses not approved: {seen} (usual: {usual})", missing="zero")
def expenses_unapproved(known: Known) -> Signal:
    """How many of the draft's expenses had not been approved."""
    return total(known.derived(judged), "unapproved", by="invoice_id")


@feature(unit="count", group=EXPENSES, phrase="expenses without a receipt: {seen} (usual: {usual})", missing="zero")
def expenses_unproven(known: Known) -> Signal:
    """How many of the draft's expenses lack their receipt."""
    return total(known.derived(judged), "unproven", by="invoice_id")


@feature(unit="count", group=ACCEPTANCE, phrase="milestones that the client has not accepted: {seen} (usual: {usual})", missing="zero")
def milestones_unaccepted(known: Known) -> Signal:
    """How many of the draft's milestones the client had not accepted."""
    return total(known.derived(judged), "unaccepted", by="invoice_id")


@feature(unit="yes_no", group=PARTY, phrase="entity or currency is not the contract's: {seen} (usual: {usual})", missing="zero")
def draft_other_party(known: Known) -> Signal:
    """Whether the invoice's legal entity or currency is another than the contract's."""
    return count(known.derived(other_party), by="invoice_id").apply(_any)


@feature(unit="percent", group=CAP, phrase="with this draft {seen} of the contract's cap is billed (usual: {usual})", missing="zero")
def contract_cap_billed(known: Known) -> Signal:
    """Fees billed under the contract, this draft among them, over its cap."""
    return _billed(known) / standing(known.derived(caps), "cap", by="contract_id")


@feature(unit="percent", group=CAP, phrase="what is over the contract's cap makes {seen} of the draft (usual: {usual})", missing="zero")
def draft_over_cap(known: Known) -> Signal:
    """Fees billed over the contract's cap, over the draft's net amount: at most all of it."""
    over = (_billed(known) - standing(known.derived(caps), "cap", by="contract_id")).apply(lambda money: money.clip(lower_bound=0))
    return (over / total(known.derived(judged), "net", by="invoice_id")).apply(lambda share: share.clip(0, 1))


@feature(
    unit="count", group=SPLIT, phrase="other invoices of the project drafted within days of it: {seen} (usual: {usual})", missing="zero"
)
def sibling_drafts(known: Known) -> Signal:
    """How many other invoices of the project were drafted within days of this one: what was split, or billed in two goes."""
    return count(known.derived(siblings), by="invoice_id")


@feature(unit="percent", group=TEAM, phrase="{seen} of it is for people who are new to the client (usual: {usual})", missing="zero")
def draft_new_people(known: Known) -> Signal:
    """Share of the draft's net amount for people of whom the client was billed nothing before."""
    return _share(known, "of_fresh")


@feature(unit="percent", group=MAKE_UP, phrase="expenses make {seen} of it (usual: {usual})", missing="zero")
def draft_expense_share(known: Known) -> Signal:
    """Share of the draft's net amount that is expenses passed on."""
    return _share(known, "of_expenses")


@feature(unit="percent", group=MAKE_UP, phrase="milestones make {seen} of it (usual: {usual})", missing="zero")
def draft_milestone_share(known: Known) -> Signal:
    """Share of the draft's net amount that is milestones."""
    return _share(known, "of_milestones")


@feature(unit="count", group=MAKE_UP, phrase="lines on it: {seen} (usual: {usual})", missing="zero")
def draft_lines(known: Known) -> Signal:
    """How many lines the draft has."""
    return count(known.derived(judged), by="invoice_id")


@feature(unit="ratio", group="size", phrase="it is {seen} times this project's average invoice (usual: {usual})")
def invoice_to_project_mean(known: Known) -> Signal:
    """The invoice's amount over the project's average invoice so far."""
    usual = mean(known.derived(issued), "amount", by="project_id")
    return standing(known.derived(invoices), "amount", by="invoice_id") / usual


@feature(unit="count", group=FLAWS, phrase="kinds of flaw found on it: {seen} (usual: {usual})", missing="zero")
def draft_flaws(known: Known) -> Signal:
    """How many of the things above are amiss on the draft, whatever their size."""
    lines = known.derived(judged)
    found = [_most(known, name) for name in ("over_card", "over_grade", "miscounted")]
    found += [total(lines, name, by="invoice_id") for name in ("again", "days_off", "unapproved", "unproven", "unaccepted")]
    found += [draft_over_cap.compute(known), *(count(known.derived(one), by="invoice_id") for one in (other_party, siblings, lacking_po))]
    flags = [one.apply(lambda value: (value.fill_null(0.0) > 0).cast(pl.Float64)) for one in found]
    return sum(flags[1:], flags[0])


def caps(known: Known) -> Facts:
    """Caps of contracts: contract_id, cap (engine money)."""
    held = known.facts("contract", take=("cap_amount",)).where(pl.col("cap_amount") > 0, name="capped")
    return leading(Facts(held.name, held.frame.rename({"cap_amount": "cap"})), by="contract_id", order=("cap",), descending=(False,))


def fees(known: Known) -> Facts:
    """What was billed but for expenses, by contract: contract_id, net."""
    billed = known.derived(billings).joined(known.derived(heads), on="invoice_id", take=("contract_id",))
    return Facts("fee", billed.frame.filter(pl.col("contract_id").is_not_null()))


def _billed(known: Known) -> Signal:
    return total(known.derived(fees), "net", by="contract_id")


def _hourly(known: Known) -> Facts:
    return known.derived(judged).where(pl.col("hourly"), name="hourly")


def _most(known: Known, of: str) -> Signal:
    return ordered(known.derived(judged), of, how="max", by="invoice_id") / MONEY_SCALE


def _share(known: Known, of: str) -> Signal:
    lines = known.derived(judged)
    return (total(lines, of, by="invoice_id") / total(lines, "net", by="invoice_id")).apply(lambda share: share.clip(-1, 1))


def _any(found: pl.Expr) -> pl.Expr:
    return found.clip(upper_bound=1)
