"""From text to the records of a CSV file (RFC 4180): where each begins, how many fields it has, and which are broken.

Worked out on whole columns, so that a file of millions of lines costs seconds; only a file whose quotation marks do not pair is walked
line by line, and there only from the broken line on to the next sound record.
"""

import csv
import re
from typing import Final

import polars as pl

ROW: Final = "#row"
"""Number of a record in its file, from 0, the header left out. The sign keeps it apart from any source's column."""
LINE: Final = "#line"
"""Number of the line on which a record begins, from 1, as an editor shows it."""
TEXT: Final = "#text"
"""The record as the file has it, without its line end."""
FIELDS: Final = "#fields"
"""How many fields the record has; 0 = its quotation marks do not pair."""

DELIMITERS: Final = (",", ";", "\t", "|")
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_LOOK_AHEAD_LINES: Final = 2_000
"""A quoted field may run over lines; one that runs further than this is a quotation mark that was never closed."""


def delimiter_of(header: str) -> str:
    """The delimiter that the first line uses most; a comma when none is there."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


def split_records(text: str, delimiter: str) -> pl.DataFrame:
    """Every record that is not blank, the header first: LINE, TEXT, FIELDS."""
    lines = (
        pl.Series(TEXT, [text])
        .str.split("\n")
        .explode()
        .to_frame()
        .with_row_index(LINE, offset=1)
        .with_columns(pl.col(LINE).cast(pl.Int64))
    )
    if '"' not in text:
        records = lines.with_columns(pl.col(TEXT).str.strip_suffix("\r")).filter(_filled(delimiter))
        return records.with_columns((pl.col(TEXT).str.count_matches(delimiter, literal=True).cast(pl.Int64) + 1).alias(FIELDS))
    records = _joined(lines).filter(_filled(delimiter)).with_columns(_fields(delimiter))
    if records[FIELDS].min() == 0:
        records = _walked(lines, delimiter)
    return records


def _filled(delimiter: str) -> pl.Expr:
    # Spreadsheets leave lines of nothing but delimiters below a table.
    return pl.col(TEXT).str.strip_chars(f" \t\r{delimiter}") != ""


def _joined(lines: pl.DataFrame) -> pl.DataFrame:
    # An even number of quotation marks up to a line's end means that no quoted field is open there: the record ends.
    open_after = pl.col(TEXT).str.count_matches('"', literal=True).cum_sum() % 2 == 1
    begins = ~open_after.shift(1, fill_value=False)
    numbered = lines.with_columns(begins.cum_sum().alias("record"))
    if numbered["record"].n_unique() < lines.height:
        numbered = numbered.group_by("record", maintain_order=True).agg(pl.col(LINE).first(), pl.col(TEXT).str.join("\n"))
    return numbered.select(LINE, pl.col(TEXT).str.strip_suffix("\r"))


def _sound(delimiter: str) -> str:
    mark = re.escape(delimiter)
    field = rf'(?:[^"{mark}]*|"(?:[^"]|"")*")'
    return rf"(?s)\A{field}(?:{mark}{field})*\z"


def _fields(delimiter: str) -> pl.Expr:
    quoted = pl.col(TEXT).str.contains('"', literal=True)
    outside = pl.col(TEXT).str.replace_all(r'(?s)"(?:[^"]|"")*"', "").str.count_matches(delimiter, literal=True)
    plain = pl.col(TEXT).str.count_matches(delimiter, literal=True)
    counted = pl.when(quoted).then(outside).otherwise(plain).cast(pl.Int64) + 1
    sound = ~quoted | pl.col(TEXT).str.contains(_sound(delimiter))
    return pl.when(sound).then(counted).otherwise(0).alias(FIELDS)


def _walked(lines: pl.DataFrame, delimiter: str) -> pl.DataFrame:
    sound = re.compile(_sound(delimiter).replace(r"\z", r"\Z"))
    texts = lines[TEXT].to_list()
    found: list[tuple[int, str, int]] = []
    at = 0
    while at < len(texts):
        end = _end_of_record(texts, at, sound)
        record = "\n".join(texts[at : end or at + 1]).removesuffix("\r")
        if record.strip(f" \t\r{delimiter}"):
            found.append((at + 1, record, _QUOTED.sub("", record).count(delimiter) + 1 if end else 0))
        at = end or at + 1
    return pl.DataFrame(found, schema={LINE: pl.Int64, TEXT: pl.String, FIELDS: pl.Int64}, orient="row")


def _end_of_record(texts: list[str], begin: int, sound: re.Pattern[str]) -> int | None:
    """Position after the record that begins at a line; None when its quotation marks never pair."""
    marks = 0
    for end in range(begin + 1, min(len(texts), begin + _LOOK_AHEAD_LINES) + 1):
        marks += texts[end - 1].count('"')
        if marks % 2 == 0:
            return end if sound.match("\n".join(texts[begin:end]).removesuffix("\r")) else None
    return None


def cells_of(record: str, delimiter: str) -> list[str]:
    """The fields of one sound record."""
    csv.field_size_limit(max(csv.field_size_limit(), len(record) + 1))
    return next(csv.reader([record.replace("\r", "")], delimiter=delimiter), [])
