"""Mappings: how another system's export is read as canonical tables, declared in YAML and checked before a row is read.

Shipped ones lie in records/mappings/ and go by their name; any other goes by its path. Adding one: write the file, name it after the
source, give it a case under tests/records/.
"""

from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from records.expressions import Condition, Expression, Form
from records.refusal import MappingError
from records.tables import TABLES


class Group(Form):
    """Many source rows make one: all rows with the same key. Where they disagree, each column takes ..."""

    take: Literal["first", "last", "most_common"]
    """... its first or last filled value in the order of `order_by` (else of the file), or its commonest (of equals the least)."""
    order_by: Expression | None = None


class Feed(Form):
    """What each row of a file gives to one table."""

    table: str
    when: Condition | None = None
    columns: dict[str, Expression]
    group: Group | None = None
    raw: tuple[str, ...] = ()
    """Source columns kept as raw beside the row: what means something here and has no canonical column."""

    @model_validator(mode="after")
    def _of_the_table(self) -> Self:
        if self.table not in TABLES:
            raise ValueError(f"there is no table {self.table!r}; the tables are {', '.join(TABLES)}")
        table = TABLES[self.table]
        if strange := [name for name in self.columns if name not in table.by_name]:
            raise ValueError(f"table {self.table} has no column {strange[0]!r}; it has {', '.join(table.by_name)}")
        if lacking := [column.name for column in table.columns if column.required and column.name not in self.columns]:
            raise ValueError(f"table {self.table} needs {', '.join(lacking)}")
        return self


class FileForm(Form):
    """One kind of file, and the tables it feeds."""

    pattern: list[str] = Field(min_length=1)
    """Names of such files, with * and ?, whatever the case of the letters."""
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    dates: tuple[str, ...] = ("%Y-%m-%d",)
    """How the file writes dates; the first format that fits."""
    decimal: Literal[".", ","] = "."
    thousands: Literal[".", ",", " ", "'"] | None = None
    false_is_empty: bool = True
    when: Condition | None = None
    """Rows to read at all; the others are counted as skipped."""
    optional: tuple[str, ...] = ()
    """Source columns that some exports lack: taken as empty then."""
    rest: str | None = None
    """The table that keeps unknown columns as raw; without it the first that is not grouped."""
    tables: list[Feed] = Field(min_length=1)

    @model_validator(mode="after")
    def _rest_is_fed(self) -> Self:
        if self.rest is not None and self.rest not in {feed.table for feed in self.tables}:
            raise ValueError(f"rest: the file does not feed the table {self.rest!r}")
        return self


class Mapping(Form):
    """All that is said about one source's export."""

    name: str
    title: str
    source: str
    """System name that goes into the column `source`."""
    assumptions: tuple[str, ...] = ()
    """What is taken for granted, because the source does not say it; repeated in every report."""
    files: list[FileForm] = Field(min_length=1)

    def file_for(self, name: str, *, alone: bool) -> int | None:
        """Which of the forms a file of that name has. A file given alone needs no fitting name when there is one form only."""
        fits = (place for place, form in enumerate(self.files) if any(fnmatch(name.lower(), each.lower()) for each in form.pattern))
        return next(fits, 0 if alone and len(self.files) == 1 else None)


def shipped() -> list[str]:
    """Names of the mappings that come with the package."""
    return sorted(found.name.removesuffix(".yaml") for found in _folder().iterdir() if found.name.endswith(".yaml"))


def load_mapping(named: str | Path) -> Mapping:
    """A shipped mapping by its name, or any by its path. Raises MappingError."""
    if str(named) in shipped():
        return _shipped(str(named))
    path = Path(named)
    if not path.is_file():
        raise MappingError(f"There is no mapping {str(named)!r}. Shipped are {', '.join(shipped())}; or give the path of a YAML file.")
    return _parse(path.read_text(encoding="utf-8"), str(path))


@cache
def _shipped(name: str) -> Mapping:
    return _parse((_folder() / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def _folder() -> "resources.abc.Traversable":
    return resources.files("records") / "mappings"


def _parse(text: str, name: str) -> Mapping:
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as broken:
        raise MappingError(f"{name} is not YAML: {broken}") from broken
    try:
        return Mapping.model_validate(said)
    except ValidationError as wrong:
        raise MappingError("\n".join([f"The mapping {name} cannot be used:", *_lines(wrong, said)])) from wrong


def _lines(wrong: ValidationError, said: object) -> Iterator[str]:
    for error in wrong.errors():
        where, told = [], said
        for step in error["loc"]:
            told = _inside(told, step)
            where.append(_step(step, told))
        yield f"- {', '.join(part for part in where if part)}: {error['msg'].removeprefix('Value error, ')}"


def _inside(told: object, step: int | str) -> object:
    if isinstance(told, dict):
        return told.get(step, told)
    return told[step] if isinstance(told, list) and isinstance(step, int) and step < len(told) else told


def _step(step: int | str, told: object) -> str:
    if isinstance(told, dict) and "pattern" in told:
        return f"file {told['pattern']}"
    if isinstance(told, dict) and "table" in told:
        return f"table {told['table']}"
    return "" if step in {"files", "tables", "columns"} or isinstance(step, int) else str(step)
