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


def test_the_marks_of_the_pages_are_those_of_the_declarations(tree: dict[str, str]) -> None:
    """What docs/import.md says of ◆ and ◇ can be looked up in docs/tables.md."""
    _, *sections = tables_page().split("\n## ")
    for table, section in zip(TABLES.values(), sections, strict=True):
        for mark, planned in (("◆", False), ("◇", True)):
            marked = [line.split("`")[1] for line in section.splitlines() if mark in line]
            assert marked == [column.name for column in table.knowing if column.planned == planned], table.name
    assert "mark with ◆" in tree["docs/import.md"]
    assert "marked ◇" in tree["docs/import.md"]
