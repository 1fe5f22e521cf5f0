"""Records in: import, quarantine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from plumbline.console import AsJson, Failure, emit, home, now, say, show, working

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.quarantine import Entry
    from records.report import ImportReport, TableReport

REJECTED = 4
HEAD: Final = ("file", "line", "column", "value", "what is wrong, and how to mend it")


def add(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command()(quarantine)


def import_(
    path: Annotated[
        Path | None,
        typer.Argument(help="Folder of <table>.csv or .parquet files (docs/tables.md), or one of them; with --mapping any files."),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(help="How foreign files become the tables: erp_a, erp_b, highradius_open, ibm_ar, or a YAML file (docs/mappings.md)."),
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Read again the files that have rows in quarantine.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read records in. Bad rows are set aside with their reason, the rest loads; reading the same twice changes nothing.

    Example: plumbline import exports/2026-11
    """
    from records import intake
    from records.lake import Lake
    from records.refusal import IntakeError

    if (path is None) != retry:
        raise Failure("give a path to import, or --retry alone", 2, "usage")
    try:
        with working("reading"):
            report = intake.retry(home(), now()) if path is None else intake.import_folder(path, home(), mapping=mapping, now=now())
    except IntakeError as error:
        raise Failure(str(error), error.exit_code, "nothing imported") from error
    Lake(home() / intake.LAKE).compact_fragmented()
    if as_json:
        emit(report.to_dict())
    else:
        _show(report)
    if report.rejected:
        raise typer.Exit(REJECTED)


def _show(report: "ImportReport") -> None:
    rows = [
        (file.file, str(file.rows.read), str(file.rows.accepted), str(file.rows.duplicate), str(file.rows.quarantined))
        for file in report.files
    ]
    total = report.rows
    rows.append(("all files", str(total.read), str(total.accepted), str(total.duplicate), str(total.quarantined)))
    show(f"Imported from {report.path}", ("file", "read", "accepted", "duplicate", "quarantined"), rows)
    _show_tables([table for file in report.files for table in file.tables])
    for refused in report.refused:
        say(f"refused: {refused.file}: {told(refused.reason, refused.mend)}")
    for missing in report.unresolved:
        examples = ", ".join(missing.examples)
        said = f"{_counted(missing.rows, 'row')} of {missing.table} in {missing.column}"
        say(f"unresolved: {said}: no such {missing.references.replace('_', ' ')} is on record: {examples}")
    for assumption in (text for file in report.files for text in file.assumptions):
        say(f"assumed: {' '.join(assumption.split())}")
    if report.rejected:
        say(f"{_set_aside(total.quarantined, len(report.refused))} set aside: see `plumbline quarantine`")


def _show_tables(tables: "Sequence[TableReport]") -> None:
    """What went into each table, and where the instant from which a row counts as known was taken from."""
    from records.provenance import AT_IMPORT, GIVEN

    rows = [(one.table, _known_from(one), str(one.rows.accepted), str(one.rows.duplicate)) for one in tables]
    show("Into the records", ("table", "known from", "accepted", "duplicate"), rows, left=2)
    if any(one.rows.accepted and set(one.recorded_at) - {GIVEN} for one in tables):
        say("known from: what stands in for a missing `recorded_at` (docs/import.md); nothing is counted as known before it")
    for one in tables:
        if one.rows.accepted and (late := one.recorded_at.get(AT_IMPORT, 0)):
            say(f"{one.table}: {_counted(late, 'row')} known from this import on alone: not seen as of an earlier day")


def _known_from(table: "TableReport") -> str:
    """Such as "issued_on (120), drafted_at (3)"; with no number where it is one source for all.

    What was on record already keeps its instant.
    """
    from records.provenance import AT_IMPORT

    if not table.rows.accepted:
        return "as before"
    words = {AT_IMPORT: "this import"}
    found = {words.get(name, name): count for name, count in table.recorded_at.items()}
    return ", ".join(name if len(found) == 1 else f"{name} ({count:,})" for name, count in found.items()) or "–"


def told(reason: str, mend: str) -> str:
    """What is wrong and how to mend it, as two sentences."""
    return f"{reason}. {mend}."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _set_aside(rows: int, files: int) -> str:
    """Such as "3 rows and 1 file"."""
    counted = [_counted(number, noun) for number, noun in ((rows, "row"), (files, "file")) if number]
    return " and ".join(counted)


def quarantine(
    resolved: Annotated[bool, typer.Option("--resolved", help="List those that were settled since as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what an import set aside, and how to mend it. Each with file, line, column and value.

    Example: plumbline quarantine --json
    """
    from records.intake import list_quarantine

    entries = list_quarantine(home(), resolved=resolved)
    if as_json:
        emit({"rows": [entry.to_dict() for entry in entries]})
        return
    if not entries:
        say("nothing is in quarantine")
        return
    rows = [
        (
            *(entry.path.name, f"{entry.line}" if entry.line else "all", fault.column or "", fault.value or ""),
            *(told(fault.reason, fault.mend), *((_state(entry),) if resolved else ())),
        )
        for entry in entries
        for fault in entry.faults
    ]
    files = sum(1 for entry in entries if not entry.line)
    title = f"{_set_aside(len(entries) - files, files)} in quarantine{', settled ones with them' if resolved else ''}"
    show(title, (*HEAD, *(("state",) if resolved else ())), rows, left=len(HEAD) + 1)


def _state(entry: "Entry") -> str:
    return "open" if entry.resolved_at is None else f"settled {entry.resolved_at:%Y-%m-%d}"
