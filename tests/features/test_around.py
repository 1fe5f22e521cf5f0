"""A draft that nobody has recorded is judged as it is once it is recorded, to the last bit, though only its client's records are read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from controls.catalog import findings, standing
from features.around import Around, Firm
from features.divisions import Asked, needs
from features.drafts import expenses_unapproved
from features.frame import build
from models.dispute import DISPUTE
from models.spine import at_instants
from records.held import Held
from records.known import Known
from tests.controls.case import Told, told
from tests.features.eventful import BEGUN, ENDED, MONTHS, differences, eventful
from tests.features.eventful import bits as bits_of
from tests.ledger import Ledger, Row, moment
from tests.random_ledgers import ledgers

OF_INVOICE: Final = ("invoice", "invoice_line")
FIRM: Final = eventful()
NEW: Final = "a new draft"


def tables() -> frozenset[str]:
    asked = Asked(ENDED)
    asked.derived(DISPUTE.at_risk)
    asked.derived(findings)
    return frozenset(asked.tables).union(*(one.tables for one in needs(DISPUTE.computed, ENDED).values()))


def taken_out(
    frames: Mapping[str, pl.DataFrame], invoice_id: str, as_of: datetime
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """The records without an invoice, and what was recorded of it by then."""
    ours = {table: frames[table].filter(pl.col("invoice_id") == invoice_id) for table in OF_INVOICE if table in frames}
    rest = {table: rows.filter(pl.col("invoice_id") != invoice_id) if table in ours else rows for table, rows in frames.items()}
    return rest, {table: rows.filter(pl.col("recorded_at") <= as_of) for table, rows in ours.items()}


def assert_as_recorded(told: Ledger, invoice_id: str, as_of: datetime) -> pl.DataFrame:
    """What stands on the draft, found alike both ways."""
    frames = told.frames()
    whole = Known(Held(frames), until=as_of)
    rest, supposed = taken_out(frames, invoice_id, as_of)
    client_id = supposed["invoice"].sort("recorded_at")["client_id"][-1]
    around = Around(Firm(Known(Held(rest), until=as_of), tables=tables()), client_id, supposed)
    ours = pl.col("invoice_id") == invoice_id
    spines = [at_instants(known, DISPUTE, [as_of]).filter(ours) for known in (whole, around)]
    assert spines[0].equals(spines[1])
    wanted = bits_of(build(whole, spines[0], DISPUTE.computed), DISPUTE)
    assert differences(bits_of(around.build(spines[1], DISPUTE.computed), DISPUTE), wanted) == []
    stands = standing(whole, as_of).filter(ours)
    assert standing(around, as_of).filter(ours).equals(stands)
    return stands


@pytest.mark.parametrize("month", range(3, MONTHS, 2))
def test_a_draft_is_judged_as_once_it_is_recorded(month: int) -> None:
    as_of = moment(f"{BEGUN + timedelta(days=30 * month - 3)}T10:00")
    assert_as_recorded(FIRM, f"s{month}", as_of)


def test_drafts_have_findings_to_lose() -> None:
    """Else the test above would hold of a check that finds nothing."""
    found = [assert_as_recorded(FIRM, f"s{month}", moment(f"{BEGUN + timedelta(days=30 * month - 3)}T10:00")) for month in (4, 8, 13)]
    assert pl.concat(found)["control"].n_unique() > 1


@given(told=ledgers(), days=st.integers(0, 400), head=st.integers(0, 20), lines=st.lists(st.integers(0, 20), min_size=1, max_size=4))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
def test_firms_as_unlike_a_tidy_one_as_exports_are_judged_alike(told: Ledger, days: int, head: int, lines: list[int]) -> None:
    as_of = ENDED - timedelta(days=days)
    assert_as_recorded(with_draft(told, as_of, head=head, lines=lines), NEW, as_of)


def with_draft(told: Ledger, as_of: datetime, *, head: int, lines: list[int]) -> Ledger:
    """The firm with one more draft, that says what some invoice and some lines of it say, recorded just now."""
    made = Ledger({table: list(rows) for table, rows in told.rows.items()})
    heads, every = made.rows["invoice"], made.rows["invoice_line"]
    assume(heads and every)
    fresh: Row = {"deleted": False, "recorded_at": as_of, "invoice_id": NEW}
    usual: Row = {"kind": "invoice", "issued_on": None, "sent_at": None, "cancelled_at": None, "drafted_at": as_of}
    heads.append({**heads[head % len(heads)], **fresh, **usual})
    known = list(every)
    for place, number in enumerate(lines, start=1):
        every.append({**known[number % len(known)], **fresh, "line_id": f"{NEW}-{place}", "line_no": place})
    return made


@pytest.mark.parametrize("project", ["p2", "unheard of"])
def test_an_expense_that_a_line_names_counts_whoever_it_belongs_to(project: str) -> None:
    elsewhere: dict[str, list[Told]] = {
        "client": [{"client_id": "c2", "name": "Another"}],
        "contract": [{"contract_id": "k2", "client_id": "c2"}],
        "project": [{"project_id": "p2", "client_id": "c2", "contract_id": "k2"}],
        "expense": [{"expense_id": "e9", "project_id": project, "approved_at": None, "approver_id": None}],
        "invoice_line": [{"line_id": "l9", "line_no": 9, "kind": "expense", "expense_id": "e9"}],
    }
    ledger, as_of = told(elsewhere), moment("2025-04-02")
    assert_as_recorded(ledger, "i", as_of)
    whole = Known(Held(ledger.frames()), until=as_of)
    drafts = at_instants(whole, DISPUTE, [as_of]).filter(pl.col("invoice_id") == "i")
    assert build(whole, drafts, [expenses_unapproved])["expenses_unapproved"].to_list() == [1.0]


def test_what_its_people_worked_for_others_on_the_same_day_counts() -> None:
    elsewhere: dict[str, list[Told]] = {
        "client": [{"client_id": "c2", "name": "Another"}],
        "contract": [{"contract_id": "k2", "client_id": "c2"}],
        "project": [{"project_id": "p2", "client_id": "c2", "contract_id": "k2"}],
        "time_entry": [{"entry_id": "t2", "project_id": "p2", "minutes": 600, "entered_at": "2025-03-03T17:00", "invoice_line_id": None}],
    }
    stands = assert_as_recorded(told(elsewhere), "i", moment("2025-04-02"))
    assert "more_than_the_day_holds" in stands["control"].to_list()
