"""Names of a draft and columns of the tables: one declaration, read in both directions."""

from records.tables import TABLES
from service.allowed_names import names_at
from service.api.draft_names import HEAD, LINE, OF_TABLE, Pointers, name_of
from service.api.draft_wire import DraftInvoice, DraftLine


def test_a_line_to_be_taken_out_is_pointed_at_whole() -> None:
    pointers = Pointers("i", ["l", "m"])
    assert pointers.of_cell("invoice_line", "m", "deleted") == "/body/lines/1"
    assert pointers.of_cell("invoice_line", "of another draft", "deleted") is None
    assert pointers.of_cell("invoice", "i", "due_on") == "/body/payment_due_date"
    assert pointers.of_cell("invoice", "another", "due_on") is None
    assert pointers.of_cell("time_entry", "i", "minutes") is None


def test_every_column_that_a_draft_fills_has_a_name_and_no_two_share_one() -> None:
    for table, places in OF_TABLE.items():
        assert places.keys() <= TABLES[table].by_name.keys()
        assert len(set(places.values())) == len(places)
    assert name_of("invoice_line", "unit_price") == "item_net_price"
    assert name_of("time_entry", "approved_at") == "approved_at"


def test_every_name_of_a_draft_is_a_field_of_it() -> None:
    for model, places in ((DraftInvoice, HEAD), (DraftLine, LINE)):
        for place in places.values():
            *above, name = place.split("/")
            assert name in names_at(model, above)
