"""Drafts over the API: checked against the records, before anybody saves them, and nothing kept of them."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from records.lake import Lake
from service.auth import Role
from tests.controls.case import Told, told

Bearer = Callable[[Role], dict[str, str]]
Checked = Callable[..., dict[str, Any]]
NOW = datetime(2025, 4, 2, 9, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path, moment: list[datetime]) -> Lake:
    """The clean firm of the controls' cases, on the day after its invoice was drafted, and a day of work that no bill has yet."""
    moment[0] = NOW
    return told({"time_entry": [{"entry_id": "t2", "worked_on": "2025-03-04", "invoice_line_id": None}]}).lake(tmp_path / "home" / "lake")


@pytest.fixture
def asked(lake: Lake, api: TestClient, bearer: Bearer) -> Callable[[Told], Any]:
    del lake

    def ask(draft: Told) -> Any:  # noqa: ANN401 - an answer of httpx
        return api.post("/v1/drafts:check", json=draft, headers=bearer(Role.BILLING_REVIEWER))

    return ask


@pytest.fixture
def checked(asked: Callable[[Told], Any]) -> Checked:
    def check(draft: Told) -> dict[str, Any]:
        answer = asked(draft)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return check


def draft(line: Told | None = None, **head: object) -> Told:
    """The day of work that no bill has yet, at the card's rate, but for what is given."""
    usual = {
        "kind": "time",
        "person_identifier": "w",
        "role": "consultant",
        "project_reference": "p",
        "invoiced_quantity": "8",
        "invoiced_quantity_unit_of_measure_code": "HUR",
        "item_net_price": "100",
        "invoice_line_net_amount": "800",
        "item_description": "Walk-through of the cut-over with the night shift",
        "invoice_line_period": {"start_date": "2025-03-04", "end_date": "2025-03-04"},
        "time_entry_identifiers": ["t2"],
    }
    return {
        "invoice_currency_code": "EUR",
        "buyer_identifier": "c",
        "seller_identifier": "PL-DE",
        "contract_reference": "k",
        "project_reference": "p",
        "prepared_by": "m",
        "invoicing_period": {"start_date": "2025-03-04", "end_date": "2025-03-04"},
        "invoice_total_amount_without_vat": "800",
        "invoice_total_vat_amount": "152",
        "invoice_total_amount_with_vat": "952",
        "lines": [{**usual, **(line or {})}],
        **head,
    }


def saved() -> Told:
    """The draft that is on record, as it is there."""
    line = {
        "invoice_line_identifier": "l",
        "item_description": "Design of the cut-over plan with the operations team",
        "invoice_line_period": {"start_date": "2025-03-03", "end_date": "2025-03-03"},
        "time_entry_identifiers": ["t"],
    }
    period = {"start_date": "2025-03-01", "end_date": "2025-03-31"}
    return draft(line, draft_identifier="i", invoicing_period=period)


def controls(found: dict[str, Any]) -> list[str]:
    return [one["control"] for one in found["findings"]]


def test_a_clean_draft_is_clean(checked: Checked) -> None:
    assert controls(checked(saved())) == []


def test_a_finding_names_line_rate_card_and_money(checked: Checked) -> None:
    found = checked(draft({"item_net_price": "110", "invoice_line_net_amount": "880"}, invoice_total_amount_without_vat="880"))
    (above,) = [one for one in found["findings"] if one["control"] == "rate_above_card"]
    assert (above["line_no"], above["expected"], above["found"], above["unit"]) == (1, "100.00", "110.00", "rate")
    assert above["difference"] == {"amount": "80.00", "currency": "EUR"}
    assert (above["rests_on"], above["rests_on_identifier"]) == ("rate_card_line", "v")


def test_time_that_the_draft_would_bill_is_held_against_the_record(lake: Lake, checked: Checked) -> None:
    """On no bill, time that nobody has approved is nobody's concern; on this draft it is."""
    assert "time_not_approved" not in controls(checked(draft()))
    open_ = told(
        {
            "time_entry": [
                {"entry_id": "t2", "worked_on": "2025-03-04", "invoice_line_id": None, "approved_at": None, "recorded": "2025-03-12"}
            ]
        }
    )
    lake.append("time_entry", open_.frames()["time_entry"])
    assert "time_not_approved" in controls(checked(draft()))


def test_what_a_draft_on_record_bills_twice_is_seen(checked: Checked) -> None:
    twice = draft({"invoice_line_period": {"start_date": "2025-03-03", "end_date": "2025-03-03"}, "time_entry_identifiers": []})
    assert {"duplicate_line", "near_duplicate_line"} & set(controls(checked(twice)))


def test_the_smallest_fix_names_the_line_and_the_card(checked: Checked) -> None:
    found = checked(draft({"item_net_price": "110", "invoice_line_net_amount": "880"}, invoice_total_amount_without_vat="880"))
    assert found["fix"]["passes"]
    (step,) = [one for one in found["fix"]["steps"] if "rate_above_card" in one["clears"]]
    assert (step["source"], step["source_identifier"]) == ("rate_card_line", "v")
    assert [(one["record"], one["field"], float(one["old"]), float(one["new"])) for one in step["cells"]] == [
        ("invoice_line", "item_net_price", 110, 100)
    ]


def test_what_is_found_and_changed_is_named_as_it_was_asked(checked: Checked) -> None:
    """Each pointer leads to the value that the request has there."""
    above = {"item_net_price": "110", "invoice_line_net_amount": "880"}
    asked = {"body": draft(above, invoice_total_amount_without_vat="880", seller_identifier="PL-UK")}
    found = checked(asked["body"])
    pointers = {one["control"]: one["pointer"] for one in found["findings"]}
    assert pointers["rate_above_card"] == "/body/lines/0"
    cells = {one["pointer"]: one for step in found["fix"]["steps"] for one in step["cells"]}
    assert {"/body/seller_identifier", "/body/lines/0/item_net_price"} <= cells.keys()
    for pointer, cell in ((pointer, cell) for pointer, cell in cells.items() if pointer):
        held: Any = asked
        for part in pointer.split("/")[1:]:
            held = held[int(part) if part.isdecimal() else part]
        assert cell["old"] == str(held) or float(cell["old"]) == float(held)
        assert cell["field"].split("/")[-1] == pointer.split("/")[-1]
    elsewhere = {one["record_identifier"] for step in found["fix"]["steps"] for one in step["cells"] if one["pointer"] is None}
    assert not elsewhere & {"unsaved draft", "unsaved draft-1"}


def test_a_form_that_the_client_asks_for_names_the_field_of_the_request(lake: Lake, checked: Checked) -> None:
    ruled = {
        "guideline_id": "g",
        "client_id": "c",
        "rule": "client_format_rule",
        "parameters": '{"field": "po_ref", "pattern": "45[0-9]{8}"}',
    }
    ruled |= {"effective_on": "2025-01-01", "recorded": "2025-01-01"}
    lake.append("billing_guideline", told({"billing_guideline": [ruled]}).frames()["billing_guideline"])
    found = checked(draft(purchase_order_reference="PO-7"))
    (form,) = [one for one in found["findings"] if one["control"] == "client_format_rule"]
    assert (form["pointer"], form["line_no"]) == ("/body/purchase_order_reference", None)
    assert (form["expected"], form["found"]) == ("purchase_order_reference: 45[0-9]{8}", "PO-7")
    assert "the client's order number" in " ".join([*found["fix"]["instead"], *(one["says"] for one in found["fix"]["steps"])])


def test_an_unsaved_line_is_told_by_its_number(checked: Checked) -> None:
    two = draft()
    two["lines"].append({**two["lines"][0], "item_net_price": "110", "time_entry_identifiers": []})
    found = checked(two)
    assert [(one["line_no"], one["pointer"]) for one in found["findings"] if one["control"] == "rate_above_card"] == [(2, "/body/lines/1")]


@pytest.mark.parametrize(
    ("wrong", "pointer", "says"),
    [
        (
            {"buyer_id": "c"},
            "/body/buyer_id",
            "No such field is taken here. Did you mean buyer_identifier? There are draft_identifier, invoice_n",
        ),
        ({"lines": [{"unit_price": "1"}]}, "/body/lines/0/unit_price", "There are invoice_line_identifier, kind, invoiced_quantity,"),
        ({"invoicing_period": {"start": "2025-03-01"}}, "/body/invoicing_period/start", "There are start_date, end_date."),
        (
            {"lines": [{"kind": "hours"}]},
            "/body/lines/0/kind",
            "Input should be 'time', 'expense', 'milestone', 'retainer' or 'adjustment'",
        ),
    ],
    ids=["head", "line", "period", "code"],
)
def test_an_unknown_name_is_answered_with_those_that_are_taken(asked: Callable[[Told], Any], wrong: Told, pointer: str, says: str) -> None:
    answer = asked(draft() | wrong)
    assert answer.status_code == 422
    (told_,) = [one["detail"] for one in answer.json()["errors"] if one["pointer"] == pointer]
    assert says in told_


def test_no_fix_is_looked_for_where_none_is_wanted(lake: Lake, api: TestClient, bearer: Bearer) -> None:
    del lake
    answer = api.post("/v1/drafts:check", params={"fix": "false"}, json=draft(), headers=bearer(Role.BILLING_REVIEWER))
    assert answer.json()["fix"] is None


def test_an_edited_draft_stands_in_for_the_one_on_record(checked: Checked) -> None:
    fixed = saved()
    assert controls(checked(fixed)) == []
    fixed["lines"][0]["item_net_price"] = "120"
    assert "rate_above_card" in controls(checked(fixed))


def test_a_line_left_out_is_gone(checked: Checked) -> None:
    """Another line for the same day is no duplicate of the one that it takes the place of."""
    other = saved()
    other["lines"][0]["invoice_line_identifier"] = "another"
    assert "duplicate_line" not in controls(checked(other))


def test_the_likelihood_is_shared_out_over_the_lines(checked: Checked) -> None:
    two = draft()
    two["lines"].append({"kind": "adjustment", "invoice_line_net_amount": "40", "item_description": "Travel, agreed by mail"})
    found = checked(two)
    assert [one["line_no"] for one in sorted(found["lines"], key=lambda one: one["line_no"])] == [1, 2]
    assert sum(one["share"] for one in found["lines"]) == pytest.approx(1)


def test_time_that_another_invoice_bills_stays_with_it(checked: Checked) -> None:
    found = checked(draft({"time_entry_identifiers": ["t", "t2"]}))
    assert found["notices"][0] == "Time entry t is billed already, by line 1 of invoice i."


def test_what_is_not_on_record_is_named_where_it_stands(asked: Callable[[Told], Any]) -> None:
    answer = asked(
        draft({"person_identifier": "w", "expense_identifier": "none", "time_entry_identifiers": ["t", "gone"]}, buyer_identifier="x")
    )
    assert answer.status_code == 422
    assert {(one["pointer"], one["detail"]) for one in answer.json()["errors"]} == {
        ("/body/buyer_identifier", "No client x is on record."),
        ("/body/lines/0/expense_identifier", "No expense none is on record."),
        ("/body/lines/0/time_entry_identifiers/1", "No time entry gone is on record."),
    }


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"invoice_currency_code": "euro"}, "/body/invoice_currency_code"),
        ({"lines": []}, "/body/lines"),
        ({"total": "800"}, "/body/total"),
        ({"invoice_total_amount_without_vat": "eight hundred"}, "/body/invoice_total_amount_without_vat"),
    ],
)
def test_what_cannot_be_read_is_named(asked: Callable[[Told], Any], change: Told, pointer: str) -> None:
    answer = asked(draft() | change)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_an_invoice_that_went_out_is_no_draft(lake: Lake, asked: Callable[[Told], Any]) -> None:
    sent = told({"invoice": [{"issued_on": "2025-04-01", "recorded": "2025-04-01T12:00"}]}).frames()["invoice"]
    lake.append("invoice", sent)
    answer = asked(saved())
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/body/draft_identifier"]


def test_a_record_that_comes_in_counts_at_once(lake: Lake, checked: Checked) -> None:
    assert "rate_above_card" in controls(checked(draft({"item_net_price": "110", "invoice_line_net_amount": "880"})))
    card = told({"rate_card_line": [{"rate_id": "v2", "bill_rate": 110, "effective_on": "2025-03-01", "recorded": "2025-04-02T08:00"}]})
    lake.append("rate_card_line", card.frames()["rate_card_line"])
    assert "rate_above_card" not in controls(checked(draft({"item_net_price": "110", "invoice_line_net_amount": "880"})))


def test_nothing_is_kept_and_the_same_draft_gets_the_same_answer(lake: Lake, asked: Callable[[Told], Any], store: Engine) -> None:
    before = stored(store, lake)
    answers = [asked(draft()).content for _ in range(2)]
    assert answers[0] == answers[1]
    assert stored(store, lake) == before


def stored(store: Engine, lake: Lake) -> tuple[dict[str, int], dict[str, str]]:
    """What the service's database holds, but for the token that asks; and each file of the lake."""
    with store.connect() as connection:
        tables = sa.inspect(store).get_table_names()
        counts = {
            name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in tables if "token" not in name
        }
    files = {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in Path(lake.root).rglob("*") if file.is_file()}
    return counts, files


def test_before_any_records_it_says_so(api: TestClient, bearer: Bearer) -> None:
    answer = api.post("/v1/drafts:check", json=draft(), headers=bearer(Role.BILLING_REVIEWER))
    assert (answer.status_code, answer.json()["detail"]) == (503, "No records have been imported yet.")
