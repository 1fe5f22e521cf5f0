"""Random ledgers, as unlike a tidy firm as real exports are.

Corrections, deletions, rows recorded long after and long before what they tell of, reversals, disputes that are resolved, cancelled
invoices, credit notes, drafts, money of failed payments, references to nothing. All times lie on one coarse grid, so that borders meet.
"""

from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st

from records.tables import TABLES
from tests.ledger import Ledger, Row
from tests.random_rows import BEGIN, CLIENTS, MOST, ROWS, STEP_DAYS, STEPS, USUAL, days, instants


@st.composite
def _versions(draw: st.DrawFn, table: str) -> list[Row]:
    """Rows of one table, no two with one key and one `recorded_at`: the intake lets none through."""
    (key,) = TABLES[table].key
    every = {
        **ROWS[table],
        "recorded_at": instants,
        "deleted": st.sampled_from([False] * 7 + [True]),
        "source": st.just("test"),
    }
    rows: list[Row] = draw(
        st.lists(st.fixed_dictionaries(every), max_size=MOST.get(table, USUAL), unique_by=lambda row: (row[key], row["recorded_at"]))  # type: ignore[arg-type]
    )
    return rows


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    made = Ledger().calendar(BEGIN, STEPS * STEP_DAYS // 7 + 1)
    for table in ROWS:
        for row in draw(_versions(table)):
            made.row(table, _instant(row), row)
    return made


@st.composite
def tidy_ledgers(draw: st.DrawFn) -> Ledger:
    """Ledgers with one version a row, recorded when it happened: most invoices come to be paid, so that a record builds up."""
    made = Ledger()
    for number in range(draw(st.integers(2, 8))):
        name, client = f"i{number}", draw(CLIENTS)
        issued = draw(days)
        due = issued + timedelta(days=30)
        made.invoice(name, client, issued=issued.isoformat(), due=due.isoformat(), amount=100, project_id="j1", contract_id="k1")
        if draw(st.booleans()):
            paid = due + timedelta(days=draw(st.sampled_from([-25, -5, 0, 5, 35, 100])))
            made.payment(name, client, on=paid.isoformat(), amount=draw(st.sampled_from([100, 100, 50])))
        if draw(st.integers(0, 3)) == 0:
            opened = datetime.combine(issued + timedelta(days=draw(st.sampled_from([1, 10, 40]))), time(10), UTC)
            made.row("dispute", opened, {"dispute_id": f"d{number}", "invoice_id": name, "opened_at": opened})
    return _with_weeks(made, draw(st.integers(0, 12)), draw(st.lists(st.sampled_from([0, 0, 1, 4, 9]), min_size=1, max_size=6)))


def _with_weeks(made: Ledger, first: int, waits: list[int]) -> Ledger:
    """A person's weeks, whose Friday is written so many days late, one week after another."""
    begin = BEGIN + timedelta(days=7 * first)
    made.calendar(begin, 2 * len(waits)).person("w1", recorded=f"{BEGIN}")
    for week, wait in enumerate(waits * 2):
        for number in range(5):
            day = begin + timedelta(days=7 * week + number)
            late = timedelta(days=wait if number == 4 else 0)
            made.time("w1", day, entered=datetime.combine(day, time(18), UTC) + late)
    return made


def _instant(row: Row) -> datetime:
    found = row["recorded_at"]
    assert isinstance(found, datetime)
    return found
