"""Anomaly: which records are looked at for what is unusual about them, how far each is from its past, and what a person is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import polars as pl

from models.subject import Subject
from records.known import Facts, Known

ANOMALY: Final = "anomaly"
"""The one name of all of them: what is found is `anomaly:<entity>:<period>`."""


@dataclass(frozen=True)
class Told:
    """What a finding says of a record beside its subject."""

    subject: Subject
    period: str
    title: str
    sentences: dict[str, tuple[str, str, str]]
    """By residual: the sentence, the value seen, the usual one."""


class AnomalyBook(Protocol):
    """Everything that may be said of the records that were found."""

    def told(self, row: dict[str, object], stands_out: tuple[str, ...]) -> Told:
        """`row`: one that was found; `stands_out`: the residuals to give sentences for."""
        ...


@dataclass(frozen=True)
class Anomaly:
    """One kind of record that is looked at."""

    entity: str
    """Table of the record."""
    key: str
    says: str
    past: Callable[[Known], Facts]
    """All records of the kind, as facts: what the past is made of, and where similar ones are looked for."""
    looked_at: Callable[[Known], Facts]
    """Those of them that a person can still do something about."""
    residuals: tuple[str, ...]
    measure: Callable[[Known, pl.DataFrame], pl.DataFrame]
    """The records with a float column for each residual, each as known at its AS_OF."""
    alike_by: tuple[str, ...]
    """Keys by which a record has its like, the narrowest first."""
    shown: tuple[tuple[str, Callable[[dict[str, object]], str]], ...]
    """Columns of a table of such records: heading, and the cell of a row."""
    book: Callable[[Known, datetime, pl.DataFrame], AnomalyBook]
    """Of the records that were found."""
    actions: tuple[tuple[str, str], ...]
    """What a person could do, by the residual that stands out most."""
    clears: str
    issued_actions: tuple[tuple[str, str], ...] = ()
    """In their place once its bill is out."""
