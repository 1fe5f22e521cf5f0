"""Reading one file: CSV or Parquet to columns of text, nothing lost, and the records that are broken as records set apart.

Everything is read as text first. What a value means is decided by the canonical column (validation.py), never by a guess of the reader.
"""

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from records.decoding import FOREIGN, FOREIGN_BYTES, decode
from records.lines import FIELDS, LINE, ROW, TEXT, cells_of, delimiter_of, split_records
from records.refusal import FileRefused

FAULTS: Final[dict[str, pl.DataType]] = {
    ROW: pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "mend": pl.String(),
}
"""Schema of a frame of faults: the record, the source's column (null: the whole record), its value, what is wrong, how to mend it."""
SUFFIXES: Final = (".csv", ".csv.gz", ".parquet")
_RESERVED: Final = {name: f"({name})" for name in (ROW, LINE, TEXT, FIELDS)}
"""Names that the intake gives to columns of its own."""
_SPELLED: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_FLOAT_PLACES: Final = 9
"""A float of money size carries noise from the 11th place on; the canonical types keep 8 at most."""


@dataclass(frozen=True)
class Source:
    """One file as read."""

    path: Path
    digest: str
    """SHA-256 of the file's bytes."""
    detected: str
    """How the file was found to be written, in words."""
    columns: tuple[str, ...]
    cells: pl.DataFrame
    """ROW and each column as text; sound records only."""
    records: pl.DataFrame
    """ROW, LINE and TEXT of every record, broken ones too."""
    faults: pl.DataFrame
    """FAULTS of the records that are broken as records: no cell of theirs can be trusted."""


def read_source(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Source:
    """Read a file. Raises FileRefused when it is empty, has no usable header or is no CSV or Parquet at all."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        raise FileRefused("the file is empty", "Export it again, with its header line; or remove it")
    if path.name.lower().endswith(".parquet"):
        return _read_parquet(path, data, digest)
    return _read_csv(path, data, digest=digest, encoding=encoding, delimiter=delimiter)


def _read_csv(path: Path, data: bytes, *, digest: str, encoding: str | None, delimiter: str | None) -> Source:
    decoded = decode(data, declared=encoding)
    text = decoded.text if "\n" in decoded.text else decoded.text.replace("\r", "\n")
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    if not first:
        raise FileRefused("the file holds blank lines only", "Export it again, with its header line; or remove it")
    mark = delimiter or delimiter_of(first)
    everything = split_records(text, mark)
    header = everything.row(0, named=True)
    columns = _header(header[TEXT] if header[FIELDS] else "", mark)
    records = everything.slice(1).with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
    faults = _broken(records, header[TEXT], len(columns), foreign=decoded.foreign, nul="\0" in text)
    sound = records.join(faults, on=ROW, how="anti", maintain_order="left") if faults.height else records
    whole = text if sound.height + 1 == text.count("\n") + (not text.endswith("\n")) else None
    cells = _cells(whole, sound, columns=columns, delimiter=mark)
    detected = ", ".join([decoded.encoding, f"delimiter {_SPELLED.get(mark, mark)}", *(["gzip"] if decoded.compressed else [])])
    return Source(path, digest, detected, columns, cells, records.select(ROW, LINE, TEXT), faults)


def _header(header: str, delimiter: str) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in cells_of(header, delimiter)) if header else ()
    if not any(columns):
        raise FileRefused("the first line is not a header", "Put the column names on the first line, with paired quotation marks")
    if unreadable := [name for name in columns if "\0" in name or any(ord(char) >= FOREIGN for char in name)]:
        raise FileRefused(f"column {columns.index(unreadable[0]) + 1} of the header is not UTF-8 text", "Export the file again as UTF-8")
    places: dict[str, list[int]] = {}
    for place, name in enumerate(columns, start=1):
        places.setdefault(name, []).append(place)
    if twice := {name: found for name, found in places.items() if len(found) > 1 and name}:
        name, found = next(iter(twice.items()))
        where = " and ".join(str(place) for place in found)
        raise FileRefused(f"the header names column {name!r} twice (columns {where} of line 1)", "Rename or delete one of them")
    return tuple(_RESERVED.get(name, name) or f"(column {place})" for place, name in enumerate(columns, start=1))


def _broken(records: pl.DataFrame, header: str, width: int, *, foreign: bool, nul: bool) -> pl.DataFrame:
    fields = pl.col(FIELDS).cast(pl.String)
    checks = [
        (pl.col(FIELDS) == 0, pl.lit("a quotation mark is not closed"), "Close it, or double each mark that is part of the text"),
        (pl.col(TEXT) == header, pl.lit("the header again, in the middle of the file"), "Delete this line"),
        (
            pl.col(FIELDS) < width,
            pl.concat_str(pl.lit("too few fields: "), fields, pl.lit(f", the header has {width}")),
            "Add what is missing",
        ),
        (
            pl.col(FIELDS) > width,
            pl.concat_str(pl.lit("too many fields: "), fields, pl.lit(f", the header has {width}")),
            "Put quotation marks around a text or an amount that holds the delimiter",
        ),
    ]
    if nul:
        checks.append(
            (pl.col(TEXT).str.contains("\0", literal=True), pl.lit("holds a NUL character"), "Delete the character, or export again")
        )
    if foreign:
        mend = "Export the file as UTF-8, or name its encoding in a mapping"
        checks.append((pl.col(TEXT).str.contains(FOREIGN_BYTES), pl.lit("holds bytes that are not UTF-8"), mend))
    reason, mend_text = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for holds, why, mend in reversed(checks):
        reason, mend_text = pl.when(holds).then(why).otherwise(reason), pl.when(holds).then(pl.lit(mend)).otherwise(mend_text)
    judged = records.lazy().filter(pl.any_horizontal(holds for holds, _, _ in checks))
    return judged.select(
        pl.col(ROW), pl.lit(None, pl.String).alias("column"), pl.col(TEXT).alias("value"), reason.alias("reason"), mend_text.alias("mend")
    ).collect()


def _cells(whole: str | None, sound: pl.DataFrame, *, columns: tuple[str, ...], delimiter: str) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = dict.fromkeys(columns, pl.String())
    if not sound.height:
        return pl.DataFrame(schema={ROW: pl.Int64(), **schema})
    if len(columns) == 1:
        cells = pl.DataFrame({columns[0]: [next(csv.reader([text]), [""])[0] for text in sound[TEXT]]}, schema=schema)
    else:
        text = whole.split("\n", 1)[1] if whole is not None else "\n".join(sound[TEXT].to_list())
        try:
            cells = pl.read_csv(text.encode(), has_header=False, schema=schema, separator=delimiter, empty_string_is_null=True)
        except PolarsError as unreadable:
            raise FileRefused(
                f"the file is not CSV that can be read ({unreadable})", "Export it again as comma-separated UTF-8"
            ) from unreadable
    if cells.height != sound.height:
        raise FileRefused(f"{sound.height} records were counted and {cells.height} parsed", "Export it again as comma-separated UTF-8")
    return sound.select(ROW).hstack(cells)


def _read_parquet(path: Path, data: bytes, digest: str) -> Source:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except PolarsError as unreadable:
        raise FileRefused(f"the file is not Parquet that can be read ({unreadable})", "Export it again") from unreadable
    cells = frame.rename(_RESERVED, strict=False).pipe(lambda named: named.select(_as_text(*column) for column in named.schema.items()))
    numbered = cells.with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
    whole = pl.struct(cells.columns).struct.json_encode() if cells.columns else pl.lit("{}")
    records = numbered.select(ROW, (pl.col(ROW) + 1).alias(LINE), whole.alias(TEXT))
    return Source(path, digest, "Parquet", tuple(cells.columns), numbered, records, pl.DataFrame(schema=FAULTS))


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if dtype.is_float():
        exact = value.fill_nan(None).cast(pl.Float64).round(_FLOAT_PLACES)
        plain = exact.cast(pl.Decimal(38, _FLOAT_PLACES), strict=False).cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")
        return pl.coalesce(plain, exact.cast(pl.String)).alias(name)
    if isinstance(dtype, pl.Datetime):
        shape = "%Y-%m-%dT%H:%M:%S%.6f%:z" if dtype.time_zone else "%Y-%m-%dT%H:%M:%S%.6f"
        return value.dt.strftime(shape).alias(name)
    if isinstance(dtype, pl.Binary):
        return value.cast(pl.String, strict=False).alias(name)
    if dtype.is_nested():
        return pl.struct(value.alias("cell")).struct.json_encode().str.json_path_match("$.cell").alias(name)
    return value.cast(pl.String).alias(name)
