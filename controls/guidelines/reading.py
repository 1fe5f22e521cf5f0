"""A guideline document, whichever way it is written."""

from datetime import date

from controls.guidelines.document import Reading
from controls.guidelines.letter import read_letter
from controls.guidelines.phrases import read_clause
from controls.guidelines.written import read_written

WRITTEN = (".yaml", ".yml")


def read_document(text: str, *, name: str, client: str | None = None, effective_on: date | None = None) -> Reading:
    """Read a document; `name` is its file's, and says whether it is YAML. Raises UnreadableDocumentError."""
    if name.lower().endswith(WRITTEN):
        return read_written(text, read_clause)
    return read_letter(text, client=client, effective_on=effective_on)
