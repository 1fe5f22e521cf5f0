"""Writes docs/story.md: one client of a simulated firm, told from the tables alone, and at the end what the truth says.

Run it from the checkout, after any change to simulation/: .venv/bin/python -m benchmarks.story [PAGE]
It takes a few seconds. tests/simulation/test_story.py fails while the page tells another story than the tables.
"""

import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import polars as pl

from simulation.drafting import STALE_DAYS
from simulation.faults import STALE_FACTOR
from simulation.firm import simulate

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "story.md"
SEED, PEOPLE, MONTHS = 7, 120, 24
FIND: Final = """\
select i.client_id, i.contract_id, i.invoice_id, l.line_id, l.role, a.amendment_id
from 'contract_amendment.csv' a
join 'rate_card_line.csv' new          -- the card line that the amendment brought
  on new.contract_id = a.contract_id and new.effective_on = a.effective_on
join 'invoice.csv' i                   -- the version that was issued
  on i.contract_id = a.contract_id and i.issued_on is not null
join 'invoice_line.parquet' l          -- work after the cut, in the same year, at more than the new rate
  on l.invoice_id = i.invoice_id and l.role = new.role and l.unit_price > new.bill_rate
  and l.period_start_on >= a.effective_on and year(l.period_start_on) = year(a.effective_on)
join 'dispute.csv' d on d.line_id = l.line_id and d.reason_code = 'PRI'
join 'payment_allocation.csv' p on p.invoice_id = i.invoice_id and p.reversed_on is null
where new.recorded_at::date >= a.effective_on + 14 and p.allocated_on > i.due_on + 30
order by i.drafted_at, l.line_id
limit 1"""
"""A cut in rates recorded two weeks or more after it took effect, a line at more than the new rate, a dispute over its price, and the
rest paid more than thirty days late: the first of those drafted."""

CONTRACT: Final = """\
select contract_id, kind, currency, starts_on, ends_on, payment_terms_days, recorded_at from 'contract.csv'
where contract_id = $contract_id order by recorded_at"""
AMENDMENT: Final = """\
select amendment_id, effective_on, signed_on, text, recorded_at from 'contract_amendment.csv' where amendment_id = $amendment_id"""
CARD: Final = """\
select rate_id, role, bill_rate, effective_on, recorded_at from 'rate_card_line.csv'
where contract_id = $contract_id and role = $role order by effective_on, recorded_at limit 2"""
ENTRIES: Final = """\
select entry_id, worked_on, minutes, bill_rate, approved_at, recorded_at from 'time_entry.parquet'
where invoice_line_id = $line_id order by recorded_at"""
INVOICE: Final = """\
select number, drafted_at, issued_on, due_on, net_amount, gross_amount, recorded_at from 'invoice.csv'
where invoice_id = $invoice_id order by recorded_at"""
LINES: Final = """\
select line_no, line_id, role, quantity as hours, unit_price, net_amount, period_start_on, period_end_on
from 'invoice_line.parquet' where invoice_id = $invoice_id order by line_no"""
DISPUTE: Final = """\
select line_id, opened_at, reason_code, text, disputed_amount, resolved_at, outcome, credited_amount, recorded_at from 'dispute.csv'
where invoice_id = $invoice_id"""
CREDIT: Final = """\
select kind, amount, reason, adjusted_on, recorded_at from 'credit_adjustment.csv' where invoice_id = $invoice_id order by recorded_at"""
CHASED: Final = """\
select kind, level, performed_at, outcome, recorded_at from 'collection_activity.csv'
where invoice_id = $invoice_id order by performed_at"""
PAID: Final = """\
select p.payment_id, p.received_on, p.booked_on, p.amount as payment, a.amount as on_this_invoice, p.remittance_text, a.recorded_at
from 'payment_allocation.csv' a join 'payment.csv' p using (payment_id)
where a.invoice_id = $invoice_id and a.reversed_on is null order by a.recorded_at"""
FAULTS: Final = """\
select kind, line_id, severity, visible, p_dispute, p_dispute_repaired, disputed_repaired from 'truth/fault.parquet'
where invoice_id = $invoice_id"""
TOLD: Final = """\
select p_dispute, disputed, p_late, p_late_30, late_30, settled_on, settled_on_if_called, settled_on_if_left from 'truth/invoice.parquet'
where invoice_id = $invoice_id"""
WATCHED: Final = """\
select as_of_on, p_late_30 from 'truth/receivable.parquet' where invoice_id = $invoice_id order by as_of_on"""
HIDDEN: Final = """\
select habit as pays_days_after_due, run_days, strictness, len(stressed_months) as months_short_of_cash
from 'truth/client.parquet' where client_id = $client_id"""


class Tables:
    """A firm's folder, asked in SQL about one case."""

    def __init__(self, directory: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute(f"set file_search_path = '{directory}'")
        self.case = self.connection.execute(FIND).pl().row(0, named=True)

    def ask(self, query: str) -> pl.DataFrame:
        used = {name: value for name, value in self.case.items() if f"${name}" in query}
        return self.connection.execute(query, used).pl()


def markdown(rows: pl.DataFrame) -> str:
    lines = [rows.columns, ["---"] * rows.width, *([_cell(value) for value in row] for row in rows.iter_rows())]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a column holds
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case float() | Decimal():
            return f"{value:,.3f}" if abs(float(value)) < 1 else f"{value:,.2f}"
        case _:
            return str(value)


def _day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def page(tables: Tables) -> str:
    return "\n\n".join(
        (_opening(tables), _the_cut(tables), _the_draft(tables), _the_dispute(tables), _the_payment(tables), _the_truth(tables))
    )


def _opening(tables: Tables) -> str:
    client = tables.ask("select any_value(columns('^(name|segment|country)$')) from 'client.csv' where client_id = $client_id").row(0)
    return f"""# One client's story

{client[0]} ({tables.case["client_id"]}, {client[1]}, {client[2]}): a stale rate, a dispute, a late payment, told from the tables that
`plumbline simulate firm --people {PEOPLE} --months {MONTHS} --seed {SEED}` writes. Written by `benchmarks/story.py`.
`recorded_at` (UTC) is when the firm's systems held a row: what a signal may know on a day is what was recorded by then.

The case is the first that this query finds (DuckDB, in the folder of the firm):

```sql
{FIND}
```

{markdown(pl.DataFrame([tables.case]))}"""


def _the_cut(tables: Tables) -> str:
    amendment, card = tables.ask(AMENDMENT), tables.ask(CARD)
    effective, known = amendment["effective_on"][0], amendment["recorded_at"][0].date()
    old, new = card["bill_rate"].to_list()
    fell, heard = _day(effective), _day(known)
    return f"""## The cut

`contract`

{markdown(tables.ask(CONTRACT))}

`contract_amendment`

{markdown(amendment)}

`rate_card_line`, for the role of the line

{markdown(card)}

The rate fell from {old:.0f} to {new:.0f} on {fell}; the records learned of it on {heard}, {(known - effective).days} days later."""


def _the_draft(tables: Tables) -> str:
    entries, invoice, lines = tables.ask(ENTRIES), tables.ask(INVOICE), tables.ask(LINES)
    line = lines.row(by_predicate=pl.col("line_id") == tables.case["line_id"], named=True)
    card = tables.ask(CARD)
    extra = (float(line["unit_price"]) - card["bill_rate"][1]) * float(line["hours"])
    seen = (invoice["drafted_at"][0] - card["recorded_at"][1]).days
    when = f"{abs(seen)} days {'after' if seen >= 0 else 'before'} the new rate was recorded"
    billed = f"{float(line['hours']):.2f} hours at {float(line['unit_price']):.0f}"
    return f"""## The draft

`time_entry`, the first three of {entries["entry_id"].n_unique()} on the line: the team enters the rate agreed by mail

{markdown(entries.head(3))}

`invoice`: the draft, then the version that was issued

{markdown(invoice)}

`invoice_line`, recorded with the draft

{markdown(lines)}

Line {line["line_no"]} bills {billed}: {extra:.2f} too much, before tax. The draft was made {when}."""


def _the_dispute(tables: Tables) -> str:
    dispute, invoice = tables.ask(DISPUTE), tables.ask(INVOICE)
    waited = (dispute["opened_at"][0].date() - invoice["issued_on"][1]).days
    lasted = (dispute["resolved_at"][0] - dispute["opened_at"][0]).days
    return f"""## The dispute

`dispute`: a table of current state. `recorded_at` belongs to its opening; resolution and outcome are known from `resolved_at` on

{markdown(dispute)}

`credit_adjustment`

{markdown(tables.ask(CREDIT))}

{waited} days after the invoice was issued the client named the line; {lasted} days later the dispute was {dispute["outcome"][0]}."""


def _the_payment(tables: Tables) -> str:
    invoice, paid, chased = tables.ask(INVOICE), tables.ask(PAID), tables.ask(CHASED)
    due, received = invoice["due_on"][1], paid["received_on"].to_list()[-1]
    nobody = "`collection_activity` has no row for this invoice: nobody chased it."
    what = f"`collection_activity`\n\n{markdown(chased)}" if len(chased) else nobody
    credit, gross = float(tables.ask(CREDIT)["amount"].sum()), invoice["gross_amount"][1]
    settled = (received - tables.ask(DISPUTE)["resolved_at"][0].date()).days
    return f"""## The payment

{what}

`payment` and `payment_allocation`

{markdown(paid)}

{gross:,.2f} less the credit of {credit:,.2f} leaves {gross - credit:,.2f}.
It came {(received - due).days} days after the due date, {settled} days after the dispute was settled."""


def _the_truth(tables: Tables) -> str:
    fault = tables.ask(FAULTS).row(by_predicate=pl.col("line_id") == tables.case["line_id"], named=True)
    told, watched = tables.ask(TOLD), tables.ask(WATCHED)
    mondays = watched.gather(sorted({0, len(watched) // 2, len(watched) - 1}))
    before, repaired = fault["p_dispute"], fault["p_dispute_repaired"]
    after = "a dispute all the same" if fault["disputed_repaired"] else "no dispute"
    return f"""## What the truth says

What follows is in `truth/`, which only benchmarks and tests may read.

`truth/fault`: with the error and with the line repaired, the same draw deciding

{markdown(tables.ask(FAULTS))}

With the error a dispute was {before / repaired:.0f} times as likely: {before:.3f}, not {repaired:.3f}. With the line repaired: {after}.
For {STALE_DAYS} days after a cut, a draft is up to {STALE_FACTOR:.0f} times as likely as another to carry the rate of before.

`truth/invoice`, as of the draft

{markdown(told)}

`truth/receivable`: the probability of being more than 30 days late on the first, a middle and the last Monday of watching

{markdown(mondays)}

`truth/client`: what nobody at the firm sees

{markdown(tables.ask(HIDDEN))}"""


def main() -> int:
    target = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else PAGE
    with TemporaryDirectory() as home:
        simulate(Path(home), people=PEOPLE, months=MONTHS, seed=SEED)
        text = page(Tables(Path(home)))
    target.write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
