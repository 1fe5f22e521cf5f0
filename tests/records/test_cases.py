"""Every kind of bad input as data (cases/*.yaml): what becomes of it, and that a second import changes nothing.

A case: `files` (name -> text, or text with encoding, gzip, fill), and what is expected: `rows` by file [read, accepted, quarantined],
`quarantined` [file, line, column, how the value begins, words of the reason, and of the way to mend it],
`refused`, `unknown`, `detected`, `unresolved`, `error`.
"""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from records import refusal
from records.intake import import_folder, list_quarantine
from records.refusal import IntakeError
from records.report import ImportReport

CASES = [case for file in sorted((Path(__file__).parent / "cases").glob("*.yaml")) for case in yaml.safe_load(file.read_text("utf-8"))]
NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 18, tzinfo=UTC)


def _write(folder: Path, files: dict[str, Any]) -> None:
    folder.mkdir()
    for name, said in files.items():
        form: dict[str, Any] = {"text": said} if isinstance(said, str) else said
        text = form["text"]
        if "fill" in form:
            text = text.replace(form["fill"]["sign"], form["fill"]["with"] * form["fill"]["times"])
        data = text.encode(form.get("encoding", "utf-8"))
        (folder / name).write_bytes(gzip.compress(data) if form.get("gzip") else data)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    folder, home = tmp_path / "export", tmp_path / "home"
    _write(folder, case["files"])
    if "error" in case:
        expected: type[IntakeError] = getattr(refusal, case["error"])
        with pytest.raises(expected, match=case["says"]):
            import_folder(folder, home, now=NOW)
        return
    first = import_folder(folder, home, now=NOW)
    _check(first, case)
    entries = {entry.id for entry in list_quarantine(home)}
    again = import_folder(folder, home, now=LATER)
    assert again.lake_versions == first.lake_versions
    assert again.rows.accepted == 0
    assert [file.rows.quarantined for file in again.files] == [file.rows.quarantined for file in first.files]
    assert {entry.id for entry in list_quarantine(home)} == entries


def _check(report: ImportReport, case: dict[str, Any]) -> None:
    counted = {file.file: [file.rows.read, file.rows.accepted, file.rows.quarantined] for file in report.files}
    assert counted == case.get("rows", {})
    found = [(file.file, row.line, fault) for file in report.files for row in file.quarantined for fault in row.faults]
    expected = case.get("quarantined", [])
    assert [(file, line, fault.column) for file, line, fault in found] == [tuple(row[:3]) for row in expected]
    for (_, _, fault), (*_, value, reason, mend) in zip(found, [row if len(row) == 6 else [*row, ""] for row in expected], strict=True):
        assert (fault.value or "").startswith(value or "")
        assert len(fault.value or "") <= 200
        assert reason in fault.reason
        assert fault.mend
        assert mend in fault.mend
        # Whoever shows them makes two sentences of them.
        assert not any(said.endswith(".") for said in (fault.reason, fault.mend))
    refused = {file.file: file.reason for file in report.refused}
    assert refused.keys() == case.get("refused", {}).keys()
    assert all(reason in refused[name] for name, reason in case.get("refused", {}).items())
    assert {file.file: list(file.unknown_columns) for file in report.files if file.unknown_columns} == case.get("unknown", {})
    detected = {file.file: file.detected for file in report.files}
    assert {name: detected[name] for name in case.get("detected", {})} == case.get("detected", {})
    if "unresolved" in case:
        assert [[u.table, u.column, u.references, u.rows, u.ids] for u in report.unresolved] == case["unresolved"]
    if "false_as_empty" in case:
        assert dict(report.files[0].tables[0].false_as_empty) == case["false_as_empty"]
