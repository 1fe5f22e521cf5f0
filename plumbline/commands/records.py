"""Records in: import, quarantine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plumbline.console import AsJson, Failure, emit, home, now, say, show, working

if TYPE_CHECKING:
    from records.report import ImportReport

REJECTED = 4


def add(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command()(quarantine)


def import_(
    path: Annotated[
        Path | None, typer.Argument(help="Folder of <table>.csv or .parquet files, or one foreign file with --mapping.")
    ] = None,
    mapping: Annotated[str | None, typer.Option(help="A shipped mapping's name (ibm_ar, highradius_open) or a YAML file.")] = None,
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
    tables = [(table.table, str(table.rows.accepted), str(table.rows.duplicate)) for file in report.files for table in file.tables]
    show("Into the records", ("table", "accepted", "duplicate"), tables)
    for refused in report.refused:
        say(f"refused {refused.file}: {refused.reason} Mend: {refused.mend}")
    for missing in report.unresolved:
        examples = ", ".join(missing.examples)
        say(f"unresolved: {missing.rows} rows of {missing.table}.{missing.column} name a {missing.references} not on record: {examples}")
    for assumption in (text for file in report.files for text in file.assumptions):
        say(f"assumed: {' '.join(assumption.split())}")
    if total.quarantined:
        say(f"{total.quarantined} rows were set aside: see `plumbline quarantine`")


def quarantine(
    resolved: Annotated[bool, typer.Option("--resolved", help="Those settled since, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the rows that were set aside: file, line, column, value and reason.

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
        (entry.path.name, str(entry.line), fault.column or "", fault.value or "", f"{fault.reason} {fault.mend}")
        for entry in entries
        for fault in entry.faults
    ]
    show(f"{len(entries)} rows in quarantine", ("file", "line", "column", "value", "why, and how to mend it"), rows, left=5)
