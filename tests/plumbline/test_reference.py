import pytest

from models.catalog import RISKS
from plumbline.reference import PAGES, risks_page, tables_page
from records.tables import TABLES


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_as_the_declarations_say(name: str, tree: dict[str, str]) -> None:
    assert tree[f"docs/{name}"] == PAGES[name](), "run `make docs`"


def test_every_risk_and_every_signal_has_its_line() -> None:
    page = risks_page()
    for risk in RISKS:
        assert f"## `{risk.name}`" in page
        assert all(f"| `{one.name}` | {one.says}" in page for one in (*risk.features, *risk.rules))


def test_every_table_and_every_column_has_its_line() -> None:
    page = tables_page()
    for table in TABLES.values():
        assert f"## `{table.name}`" in page
        assert all(f"| `{column.name}` |" in page for column in table.columns)
