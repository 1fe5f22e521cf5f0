"""What each line is held against, on drafts that are in order but for one thing."""

from pathlib import Path
from typing import Final

import polars as pl
import pytest

from features.draft_lines import judged
from features.drafts import (
    contract_cap_billed,
    draft_flaws,
    draft_other_party,
    draft_over_cap,
    draft_over_card,
    expenses_unapproved,
    expenses_unproven,
    line_days_before_period,
    line_days_billed_before,
    line_days_off_record,
    line_hours_unrecorded,
    line_miscounted,
    line_over_card,
    line_over_grade,
    line_price_rise,
    line_wording_rate,
    line_words_least,
    lines_again,
    milestones_unaccepted,
    sibling_drafts,
)
from features.feature import Feature
from features.frame import build
from models.dispute import DISPUTE
from models.spine import at_instants
from tests.ledger import Ledger, Row, Value, moment

DRAFTED: Final = "2025-03-05T09:00"
NOW: Final = "2025-03-06"


def firm() -> Ledger:
    """A contract with a card of 100 an hour, 130 for seniors; `ana` is a consultant on project j1; February's invoice went out."""
    told = Ledger().client("c1").contract("k1", "c1", legal_entity="here", cap_amount=4000)
    told.project("j1", "c1", starts="2025-01-01", contract_id="k1").person("ana").person("bo", role="senior")
    for role, rate in (("consultant", 100), ("senior", 130)):
        told.row("rate_card_line", "2025-01-01", {"rate_id": role, "contract_id": "k1", "role": role, "bill_rate": rate})
    told.row("assignment", "2025-01-01", {"assignment_id": "a1", "person_id": "ana", "project_id": "j1", "starts_on": "2025-01-01"})
    draft(told, "i1", month="2025-01", drafted="2025-02-05T09:00", issued="2025-02-07")
    return draft(told, "i2", month="2025-02", drafted=DRAFTED)


def draft(told: Ledger, invoice: str, *, month: str, drafted: str, issued: str | None = None) -> Ledger:
    """Ten hours of ana at the card, with their time on record."""
    head: Row = {"contract_id": "k1", "project_id": "j1", "legal_entity": "here", "drafted_at": drafted}
    period: Row = {"period_start_on": f"{month}-01", "period_end_on": f"{month}-28"}
    amounts: Row = {"net_amount": 1000, "gross_amount": 1000}
    named: Row = {"invoice_id": invoice, "client_id": "c1", "issued_on": issued}
    told.row("invoice", drafted, {**named, **amounts, **head, **period})
    hours: Row = {"quantity": 10, "unit": "HUR", "unit_price": 100, "person_id": "ana", "role": "consultant", "task_code": "A1"}
    words: Row = {"description": "Analysis of the claims with the team", **period}
    place: Row = {"line_id": f"{invoice}-1", "invoice_id": invoice, "project_id": "j1", "net_amount": 1000}
    told.row("invoice_line", drafted, {**place, **hours, **words})
    told.time(
        "ana",
        moment(f"{month}-10T00:00").date(),
        entered=moment(f"{month}-10T18:00"),
        minutes=600,
        entry_id=invoice,
        invoice_line_id=f"{invoice}-1",
    )
    return told


def value(told: Ledger, root: Path, one: Feature, *, invoice: str = "i2", at: str = NOW) -> float | None:
    known = told.known(root)
    frame = build(known, at_instants(known, DISPUTE, [moment(at)]), [one])
    found = frame.filter(pl.col("invoice_id") == invoice)[one.name].item()
    assert found is None or isinstance(found, float)
    return found


def changed(column: str, to: Value, **more: Value) -> Ledger:
    told = firm()
    line = next(row for row in told.rows["invoice_line"] if row["line_id"] == "i2-1")
    line.update({column: to, **more})
    return told


def repeated() -> Ledger:
    told = firm()
    line = next(row for row in told.rows["invoice_line"] if row["line_id"] == "i2-1")
    return told.row("invoice_line", DRAFTED, {**line, "line_id": "i2-2", "line_no": 2})


def spent(*, receipt: str = "present", approved: str | None = "2025-02-12T09:00") -> Ledger:
    columns: Row = {"expense_id": "e1", "project_id": "j1", "incurred_on": "2025-02-10", "entered_at": "2025-02-11T09:00"}
    told = firm().row("expense", "2025-02-11T09:00", {**columns, "receipt": receipt, "approved_at": approved})
    return told.line("i2", "j1", net=50, kind="expense", recorded=DRAFTED, number=2, expense_id="e1")


def reached(*, accepted: str | None) -> Ledger:
    told = firm().milestone("j1", "m1", target="2025-02-10", completed="2025-02-10", recorded="2025-01-05", accepted_on=accepted)
    return told.line("i2", "j1", net=500, kind="milestone", recorded=DRAFTED, number=2, milestone_id="j1-m1")


def headed(**changes: Value) -> Ledger:
    told = firm()
    next(row for row in told.rows["invoice"] if row["invoice_id"] == "i2").update(changes)
    return told


CASES: Final = [
    (line_over_card, changed("unit_price", 112, net_amount=1120), 0.12),
    (draft_over_card, changed("unit_price", 112, net_amount=1120), 120 / 1120),
    (line_price_rise, changed("unit_price", 112, net_amount=1120), 0.12),
    (line_over_grade, changed("role", "senior", unit_price=130, net_amount=1300), 0.3),
    (line_over_card, changed("role", "senior", unit_price=130, net_amount=1300), 0.0),
    (line_miscounted, changed("net_amount", 1020), 0.02),
    (lines_again, repeated(), 2.0),
    (line_days_billed_before, changed("period_start_on", "2025-01-05", period_end_on="2025-01-25"), 1.0),
    (line_hours_unrecorded, repeated(), 1.0),
    (line_hours_unrecorded, changed("quantity", 20, net_amount=2000), 0.5),
    (line_days_before_period, changed("period_start_on", "2025-01-05", period_end_on="2025-01-25"), 7.0),
    (line_days_off_record, changed("period_start_on", "2025-01-05", period_end_on="2025-01-25"), 16.0),
    (line_words_least, changed("description", "Services"), 1.0),
    (expenses_unapproved, spent(approved=None), 1.0),
    (expenses_unapproved, spent(approved="2025-03-05T10:00"), 1.0),
    (expenses_unproven, spent(receipt="missing"), 1.0),
    (milestones_unaccepted, reached(accepted=None), 1.0),
    (milestones_unaccepted, reached(accepted="2025-03-20"), 1.0),
    (draft_other_party, headed(legal_entity="elsewhere"), 1.0),
    (draft_other_party, headed(currency="GBP"), 1.0),
    (sibling_drafts, draft(firm(), "i3", month="2025-02", drafted="2025-03-05T11:00"), 1.0),
    (contract_cap_billed, changed("quantity", 40, net_amount=4000), 1.25),
    (draft_over_cap, changed("quantity", 40, net_amount=4000), 0.25),
]


@pytest.mark.parametrize(("one", "told", "wanted"), CASES, ids=[f"{number}-{one.name}" for number, (one, _, _) in enumerate(CASES)])
def test_what_is_amiss_is_told_with_its_size(one: Feature, told: Ledger, wanted: float, tmp_path: Path) -> None:
    assert value(told, tmp_path, one) == pytest.approx(wanted)


IN_ORDER: Final = {
    **dict.fromkeys((line_over_card, line_over_grade, line_price_rise, line_miscounted, lines_again, line_days_billed_before), 0.0),
    **dict.fromkeys((line_hours_unrecorded, line_days_before_period, line_days_off_record, draft_other_party, sibling_drafts), 0.0),
    **dict.fromkeys((expenses_unapproved, expenses_unproven, milestones_unaccepted, draft_over_cap, draft_flaws), 0.0),
    line_words_least: 7.0,
    contract_cap_billed: 0.5,
}


@pytest.mark.parametrize(("one", "wanted"), IN_ORDER.items(), ids=[one.name for one in IN_ORDER])
def test_a_draft_in_order_is_held_against_nothing(one: Feature, wanted: float, tmp_path: Path) -> None:
    assert value(firm(), tmp_path, one) == wanted


@pytest.mark.parametrize("told", [spent(), reached(accepted="2025-02-20")], ids=["expense", "milestone"])
def test_what_was_proven_before_the_draft_is_no_flaw(told: Ledger, tmp_path: Path) -> None:
    assert value(told, tmp_path, draft_flaws) == 0


def test_a_card_counts_from_when_it_was_known(tmp_path: Path) -> None:
    """A cut signed after the draft cannot be held against it; the one signed before, from its day on, can."""
    cut: Row = {"rate_id": "cut", "contract_id": "k1", "role": "consultant", "bill_rate": 80, "effective_on": "2025-02-01"}
    late, early = firm().row("rate_card_line", "2025-03-05T09:01", cut), firm().row("rate_card_line", "2025-03-04", cut)
    assert value(late, tmp_path / "late", line_over_card) == 0
    assert value(early, tmp_path / "early", line_over_card) == pytest.approx(0.25)
    later = firm().row("rate_card_line", "2025-03-04", {**cut, "effective_on": "2025-02-02"})
    assert value(later, tmp_path / "later", line_over_card) == 0


def test_a_card_of_the_person_stands_before_that_of_the_role_and_the_client(tmp_path: Path) -> None:
    own: Row = {"rate_id": "own", "contract_id": "k1", "person_id": "ana", "role": "consultant", "bill_rate": 125}
    other: Row = {"rate_id": "other", "contract_id": "k1", "person_id": "bo", "role": "consultant", "bill_rate": 50}
    client: Row = {"rate_id": "wide", "client_id": "c1", "role": "consultant", "bill_rate": 40}
    told = firm()
    for row in (own, other, client):
        told.row("rate_card_line", "2025-01-02", row)
    known = told.known(tmp_path)
    lines = known.derived(judged).frame.filter(pl.col("line_id") == "i2-1").collect()
    assert lines["agreed"].to_list() == [1_250_000]


def test_where_no_entry_names_a_line_of_the_invoice_no_hours_are_missed(tmp_path: Path) -> None:
    told = firm()
    for row in told.rows["time_entry"]:
        row["invoice_line_id"] = None
    assert value(told, tmp_path, line_hours_unrecorded) == 0


def test_a_wording_is_as_good_as_what_became_of_it(tmp_path: Path) -> None:
    """Of two lines that read alike but for a number the disputed one raises both; another wording stays at the firm's share."""
    told = changed("description", "Services 2")
    first = next(row for row in told.rows["invoice_line"] if row["line_id"] == "i1-1")
    first["description"] = "services 1"
    told.dispute("i1", at="2025-02-20T10:00")
    told.line("i2", "j1", net=1, recorded=DRAFTED, number=2, description="Another thing")
    known = told.known(tmp_path)
    lines = known.derived(judged).frame.collect().sort("enter")
    rates = dict(lines.select("line_id", "wording_rate").rows())
    assert rates["i2-1"] > rates["i2-2"] > 0
    assert value(told, tmp_path / "again", line_wording_rate) == pytest.approx(rates["i2-1"] / 10_000)
