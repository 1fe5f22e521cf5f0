"""A control's finding as a person meets it: certain, ranked by its money, and telling what it rests on."""

from decimal import Decimal

from controls.catalog import CONTROLS
from models.checked import checked
from models.finding import Finding, finding_id
from tests.controls.case import Told, known, told
from tests.ledger import moment

AT = moment("2025-04-02")
BY_NAME = {control.name: control for control in CONTROLS}
WRONG: dict[str, list[Told]] = {
    "invoice_line": [{"unit_price": 110}, {"line_id": "l2", "line_no": 2, "unit_price": 150}],
    "contract": [{"po_required": True, "po_ref": "PO-7"}],
}


def found(control: str) -> tuple[Finding, ...]:
    return checked(known(told(WRONG)), BY_NAME[control], as_of=AT).findings


def test_it_is_certain_and_its_money_is_at_stake() -> None:
    dear, cheap = found("rate_above_card")
    assert (dear.kind, dear.probability, dear.provisional) == ("control", None, False)
    assert [one.expected_loss for one in (dear, cheap)] == [Decimal("400.00"), Decimal("80.00")]
    assert dear.id == finding_id("rate_above_card", "l2")
    assert (dear.reference, dear.client_name, dear.owner_role) == ("i line 2", "Aldgate Rail", "billing_reviewer")


def test_it_shows_what_was_expected_found_and_what_it_rests_on() -> None:
    [shown] = found("rate_above_card")[0].evidence
    assert shown.columns == ("Record", "Expected", "Found", "Rests on")
    assert shown.rows == (("i line 2", "EUR 100.00", "EUR 150.00", "rate card line v"),)


def test_why_it_is_shown_is_what_the_control_says() -> None:
    [why] = found("rate_above_card")[0].reasons
    assert (why.text, why.raises, why.usual, why.seen) == (BY_NAME["rate_above_card"].says, True, "EUR 100.00", "EUR 150.00")


def test_a_notice_loses_nothing_and_stands_behind_what_is_wrong() -> None:
    rows: dict[str, list[Told]] = {"contract": [{"cap_amount": 850}]}
    [near] = checked(known(told(rows)), BY_NAME["cap_nearly_reached"], as_of=AT).findings
    assert (near.amount_at_stake, near.expected_loss) == (Decimal("50.00"), Decimal(0))


def test_it_says_what_would_clear_it() -> None:
    [missing] = found("po_missing")
    assert missing.suggestion.startswith("Quote the number of the purchase order")
    assert missing.clears == "It closes by itself once the records no longer show it."
    assert missing.title == "i (Aldgate Rail): the client asks for a purchase order number, and the bill has none"
    assert missing.evidence[0].rows[0][1:3] == ("PO-7", "–")


def test_a_control_that_finds_nothing_says_nothing() -> None:
    assert checked(known(told({})), BY_NAME["po_missing"], as_of=AT).findings == ()


def test_a_finding_that_rests_on_a_guideline_shows_the_clients_words() -> None:
    ruled: dict[str, list[Told]] = {
        "invoice": [{"po_ref": "PO-7"}],
        "billing_guideline": [
            {"rule": "client_format_rule", "parameters": '{"pattern": "45[0-9]{8}"}', "text": "clause 1.2: “Ten digits.”"}
        ],
    }
    [wrong] = checked(known(told(ruled)), BY_NAME["client_format_rule"], as_of=AT).findings
    judged, clause = wrong.evidence
    assert judged.rows[0][3] == "billing guideline gl"
    assert clause.rows == (("gl", "2024-01-01", "clause 1.2: “Ten digits.”"),)
    assert clause.source == judged.source


def test_a_guideline_without_words_shows_none() -> None:
    bare: dict[str, list[Told]] = {"billing_guideline": [{"rule": "client_format_rule"}]}
    [wrong] = checked(known(told(bare)), BY_NAME["client_format_rule"], as_of=AT).findings
    assert len(wrong.evidence) == 1


def test_what_is_recognised_is_called_by_its_project_and_month() -> None:
    rows: dict[str, list[Told]] = {"revenue_schedule": [{"recognized_on": "2025-04-01", "recognized_amount": 5000}]}
    [ahead] = checked(known(told(rows)), BY_NAME["revenue_ahead"], as_of=AT).findings
    assert ahead.reference == "Roll-out, March 2025"
    assert ahead.title.startswith("Roll-out, March 2025 (Aldgate Rail): ")


def test_what_one_control_finds_is_ranked_in_the_currency_of_all() -> None:
    lines: list[Told] = [{"line_id": f"l{number}", "line_no": number, "unit_price": 110} for number in range(1, 4)]
    rows: dict[str, list[Told]] = {
        "invoice_line": lines,
        "invoice": [{}, {"invoice_id": "i2", "currency": "USD"}],
    }
    records = known(told(rows))
    reporting = {one.reporting_currency for control in CONTROLS for one in checked(records, control, as_of=AT).findings}
    assert reporting == {"EUR"}
