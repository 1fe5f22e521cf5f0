"""Labels: what an invoice came to, when that could be known, and why a row has none. Cases as data."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.collections import COLLECTIONS
from models.dispute import DISPUTE, WITHIN_DAYS
from models.margin import MARGIN
from models.risk import Risk
from records.known import micros
from tests.ledger import Ledger, Row, moment
from tests.training.test_labels_of_weeks import WEEKS
from training.history import history
from training.labels import BOOKING_LAG_DAYS, REASONS_DROPPED, days_late, labelled

ISSUED, DUE = "2025-03-03", "2025-04-02"
LATE, LATE_30, DISPUTED, FELL = "late", "late_30", "disputed", "fell"
RISK_OF = {LATE: COLLECTIONS, LATE_30: COLLECTIONS, DISPUTED: DISPUTE, FELL: MARGIN}


def billed() -> Ledger:
    """The invoice `i`, due after 30 days, and one that stays open, so that the ledger is not closed."""
    return Ledger().client("A").invoice("i", "A", issued=ISSUED, due=DUE).invoice("other", "A", issued="2025-01-01", due="2025-01-31")


def paid(on: str, *, recorded: str = "") -> Ledger:
    return billed().payment("i", "A", on=on, recorded=recorded)


def built(*, net: int | None = 10_000, cost: int = 60, shut: str | None = "2025-04-30") -> Ledger:
    """The project `i`, sold for 10,000 at a margin of 40 %: a hundred hours on record, billed on the day on which it is closed."""
    told = Ledger().client("A").project("i", "A", starts="2025-03-03", ends="2025-04-30", closed=shut, billing_method="fixed")
    for number in range(10):
        day = date(2025, 3, 10 + number)
        told.time("w", day, entered=moment(f"{day}T18:00"), minutes=600, project_id="i", cost_per_hour=cost if number else None)
    if net is not None:
        told.invoice("bill", "A", issued="2025-04-30", due="2025-05-30", project_id="i")
        told.line("bill", None, net=net, kind="milestone", recorded="2025-04-30")
    return told


def row(place: Path, told: Ledger, target: str, *, until: str, age: int = 0) -> dict[str, Any] | None:
    """The labelled row of the invoice `i` at an age."""
    risk = RISK_OF[target]
    past = history(told.lake(place), risk, until=moment(until))
    wanted = next(one for one in risk.targets if one.name == target)
    found = labelled(past.known, past.frame, wanted).filter((pl.col(risk.key) == "i") & (pl.col("age_days") == age))
    assert set(found["dropped"].drop_nulls()) <= set(REASONS_DROPPED)
    assert (found["label"].is_null() == found["dropped"].is_not_null()).all(), "a row has a label, or a reason why not"
    return found.to_dicts()[0] if found.height else None


WRITTEN_DOWN: Row = {"adjustment_id": "x", "invoice_id": "bill", "kind": "write_down", "amount": 1000, "adjusted_on": "2025-05-20"}


@dataclass(frozen=True)
class Case:
    """What is on record by `until`, and the label or the reason why there is none."""

    says: str
    told: Ledger
    target: str
    expected: int | str
    until: str = "2025-08-31"
    age: int = 0


CASES = (
    Case("paid on the due date", paid(DUE), LATE, 0),
    Case("paid a day after it", paid("2025-04-03"), LATE, 1),
    Case("paid 30 days late is not more than 30", paid("2025-05-02"), LATE_30, 0),
    Case("paid 31 days late", paid("2025-05-03"), LATE_30, 1),
    Case("still open", billed(), LATE, 1),
    Case("booked a week after the due date, received before it", paid("2025-04-01", recorded="2025-04-09"), LATE, 0),
    Case("a part came in time, the rest never", billed().payment("i", "A", on="2025-03-20", amount=400), LATE, 1),
    Case(
        "the rest came late",
        billed().payment("i", "A", on="2025-03-20", amount=400).payment("i", "A", on="2025-04-20", amount=600),
        LATE,
        1,
    ),
    Case(
        "the bank took the money back",
        paid("2025-03-20").correct("payment", "pay-i-2025-03-20", recorded="2025-03-28", status="failed"),
        LATE,
        1,
    ),
    Case(
        "paid most, the rest written off",
        billed().payment("i", "A", on="2025-03-20", amount=900).credit("i", on="2025-06-01", amount=100),
        LATE,
        0,
    ),
    Case("decided on the last day of the booking lag", paid(DUE), LATE, 0, until="2025-04-07"),
    Case("not decided a day before", paid(DUE), LATE, "undecided", until="2025-04-06"),
    Case("open, and the booking lag is not over", billed(), LATE, "undecided", until="2025-04-06"),
    Case("the second border is decided later", paid("2025-05-20"), LATE_30, "undecided", until="2025-05-06"),
    Case("and then it is", paid("2025-05-20"), LATE_30, 1, until="2025-05-07"),
    Case("seen again before the due date", paid("2025-05-20"), LATE, 1, age=28),
    Case("seen again when it is overdue already", paid("2025-05-20"), LATE, "already", age=42),
    Case("overdue, but not by more than 30 days", paid("2025-05-20"), LATE_30, 1, age=42),
    Case("received before the row, booked after it", paid("2025-03-09", recorded="2025-03-12"), LATE, "already", age=7),
    Case("received and booked after the row", paid("2025-03-12"), LATE, 0, age=7),
    Case("no due date", Ledger().client("A").invoice("i", "A", issued=ISSUED, due=None), LATE, "no_due_date"),
    Case("credited in full", billed().credit("i", on="2025-03-20"), LATE, "credited"),
    Case("over nothing since", billed().correct("invoice", "i", recorded="2025-03-20", gross_amount=0), LATE, "credited"),
    Case("credited after it was late", billed().credit("i", on="2025-05-20"), LATE_30, 1),
    Case("credited on the border", billed().credit("i", on="2025-05-02"), LATE_30, "credited"),
    Case("cancelled", billed().correct("invoice", "i", recorded="2025-03-20", cancelled_at="2025-03-20T10:00"), LATE, "cancelled"),
    Case("deleted, as if it had never been", billed().delete("invoice", "i", recorded="2025-03-20"), LATE, "cancelled"),
    Case("disputed", billed().dispute("i", at="2025-03-20T09:00"), DISPUTED, 1),
    Case("never disputed", billed(), DISPUTED, 0),
    Case("disputed on the last day that counts", billed().dispute("i", at="2025-06-01T09:00"), DISPUTED, 1),
    Case("disputed after it", billed().dispute("i", at="2025-06-03T09:00"), DISPUTED, 0),
    Case("decided after so many days", billed(), DISPUTED, 0, until="2025-06-01"),
    Case(
        "not decided before, whatever is on record", billed().dispute("i", at="2025-03-20T09:00"), DISPUTED, "undecided", until="2025-05-31"
    ),
    Case(
        "disputed before the row, learned of after it",
        billed().dispute("i", at="2025-03-16T09:00", recorded="2025-03-25"),
        DISPUTED,
        "already",
        age=14,
    ),
    Case(
        "the dispute was entered by mistake",
        billed().dispute("i", at="2025-03-20T09:00").delete("dispute", "d-i", recorded="2025-03-22"),
        DISPUTED,
        0,
    ),
    Case(
        "the dispute's day was corrected",
        billed().dispute("i", at="2025-03-20T09:00").correct("dispute", "d-i", recorded="2025-07-01", opened_at="2025-06-20T09:00"),
        DISPUTED,
        0,
    ),
    Case(
        "cancelled for another reason",
        billed().correct("invoice", "i", recorded="2025-03-20", cancelled_at="2025-03-20T10:00"),
        DISPUTED,
        "cancelled",
    ),
    Case(
        "cancelled because of the dispute",
        billed().dispute("i", at="2025-03-12T09:00").correct("invoice", "i", recorded="2025-03-20", cancelled_at="2025-03-20T10:00"),
        DISPUTED,
        1,
    ),
    Case("as planned", built(), FELL, 0),
    Case("four points under plan", built(cost=64), FELL, 0),
    Case("more than five points under plan", built(cost=66), FELL, 1),
    Case("it billed less than planned", built(net=9000), FELL, 1),
    Case(
        "expenses passed on are no margin",
        built(net=9000).line("bill", "i", net=1000, kind="expense", recorded="2025-04-30", number=2),
        FELL,
        1,
    ),
    Case("billed by a line of an invoice that nobody knows", built(net=9000).line("other", "i", net=1000, recorded="2025-04-30"), FELL, 1),
    Case(
        "the rest was billed by a line of the client's invoice",
        built(net=9000)
        .invoice("all", "A", issued="2025-05-05", due="2025-06-05", amount=1000)
        .line("all", "i", net=1000, recorded="2025-05-05"),
        FELL,
        0,
    ),
    Case("a part was written down", built().row("credit_adjustment", "2025-05-20", WRITTEN_DOWN), FELL, 1),
    Case("a credit note answers a dispute, which is a risk of its own", built().credit("bill", on="2025-05-20", amount=1000), FELL, 0),
    Case(
        "the first plan counts, not what was granted later",
        built(cost=66).budget("i", on="2025-03-20", baseline_no=2, cost_amount=6600),
        FELL,
        1,
    ),
    Case(
        "time came in after it was closed",
        built().time("w", date(2025, 4, 1), entered=moment("2025-05-05T09:00"), minutes=600, project_id="i", cost_per_hour=60),
        FELL,
        1,
    ),
    Case("decided on the last day in which it is billed", built(), FELL, 0, until="2025-06-29"),
    Case("not decided before", built(), FELL, "undecided", until="2025-06-28"),
    Case("not closed", built(shut=None), FELL, "undecided"),
    Case("nothing billed", built(net=None), FELL, "not_billed"),
    Case("the plan was a mistake", built().delete("project_budget", "i-1", recorded="2025-04-02"), FELL, "no_plan"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.target}: {case.says}")
def test_an_invoice_comes_to(case: Case, tmp_path: Path) -> None:
    found = row(tmp_path, case.told, case.target, until=case.until, age=case.age)
    assert found is not None
    assert (found["label"] if found["dropped"] is None else found["dropped"]) == case.expected


def test_every_reason_for_dropping_a_row_has_its_case() -> None:
    told = [*(case.expected for case in CASES), *(expected for _, expected, _ in WEEKS)]
    assert {expected for expected in told if isinstance(expected, str)} == set(REASONS_DROPPED)


@pytest.mark.parametrize(
    ("target", "decided"),
    [(LATE, f"{date(2025, 4, 2) + timedelta(BOOKING_LAG_DAYS)}"), (LATE_30, f"{date(2025, 5, 2) + timedelta(BOOKING_LAG_DAYS)}")],
)
def test_lateness_is_decided_a_booking_lag_after_its_border(target: str, decided: str, tmp_path: Path) -> None:
    found = row(tmp_path, billed(), target, until="2025-08-31")
    assert found is not None
    assert found["decided_at"] == micros(moment(decided))


def test_a_closed_ledger_brings_no_more_disputes(tmp_path: Path) -> None:
    """Nothing is open any more, so what was not disputed will not be: decided at the end of the records."""
    alone = Ledger().client("A").invoice("i", "A", issued=ISSUED, due=DUE)
    found = row(tmp_path / "open", alone, DISPUTED, until="2025-03-31")
    assert found is not None
    assert found["dropped"] == "undecided"
    found = row(tmp_path / "closed", alone.payment("i", "A", on="2025-03-28"), DISPUTED, until="2025-03-31")
    assert found is not None
    assert (found["label"], found["decided_at"]) == (0, micros(moment("2025-03-31")))


def test_what_comes_after_the_end_of_the_records_changes_no_label(tmp_path: Path) -> None:
    until = "2025-06-05"
    before = row(tmp_path / "before", billed(), LATE, until=until)
    after = row(tmp_path / "after", billed().payment("i", "A", on="2025-06-06"), LATE, until=until)
    assert before == after


DAYS = st.integers(0, 170).map(lambda days: (date(2025, 3, 4) + timedelta(days)).isoformat())
PAYMENTS = st.lists(st.tuples(DAYS, st.integers(1, 1000)), max_size=3, unique_by=lambda one: one[0])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PAYMENTS, st.sampled_from([(COLLECTIONS, LATE), (COLLECTIONS, LATE_30), (DISPUTE, DISPUTED)]))
def test_the_calendar_decides_and_never_the_payment(payments: list[tuple[str, int]], asked: tuple[Risk, str]) -> None:
    """Rows decided when they are paid would let prompt payers into training first, and leave the slow ones out."""
    told = billed()
    for on, amount in payments:
        told.payment("i", "A", on=on, amount=amount)
    with TemporaryDirectory() as place:
        bare = row(Path(place) / "bare", billed(), asked[1], until="2025-08-31")
        found = row(Path(place) / "paid", told, asked[1], until="2025-08-31")
    assert bare is not None
    assert found is not None
    assert found["decided_at"] == bare["decided_at"]


@pytest.mark.parametrize(
    ("told", "late", "observed"),
    [
        (billed(), None, 151),
        (paid("2025-04-12"), 10, 151),
        (paid("2025-03-30"), -3, 151),
        (billed().payment("i", "A", on="2025-03-20", amount=400), None, 151),
        # From then on no payment was to be seen: such an invoice is not one that stayed unpaid for months.
        (billed().credit("i", on="2025-04-20"), None, 18),
        (billed().correct("invoice", "i", recorded="2025-04-20", cancelled_at="2025-04-20T10:00"), None, 18),
        (billed().delete("invoice", "i", recorded="2025-04-20"), None, -30),
    ],
)
def test_days_late_and_for_how_long_they_were_watched(told: Ledger, late: int | None, observed: int, *, tmp_path: Path) -> None:
    past = history(told.lake(tmp_path), COLLECTIONS, until=moment("2025-08-31"))
    [found] = days_late(past.known, past.frame).filter((pl.col("invoice_id") == "i") & (pl.col("age_days") == 0)).to_dicts()
    assert (found["days_late"], found["days_observed"]) == (late, observed)


def test_a_dispute_has_as_long_as_it_is_declared(tmp_path: Path) -> None:
    found = row(tmp_path, billed(), DISPUTED, until="2025-08-31")
    assert found is not None
    assert found["decided_at"] - found["as_of"] == WITHIN_DAYS * 86_400_000_000
