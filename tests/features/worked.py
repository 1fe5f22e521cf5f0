"""One example, worked by hand: what each signal says of it is a number that a person can check on paper.

| invoice | issued | due | amount | |
| --- | --- | --- | --- | --- |
| a1 | 1 Jan | 31 Jan | 1,000 | project j1, disputed 10 Jan to 1 Feb, paid 10 Feb: 10 days late |
| a2 | 1 Feb | 3 Mar | 2,000 | project j1, with a reference, paid 28 Feb: 3 days early |
| a3 | 1 Mar | 31 Mar | 3,000 | project j2, open |
| b1 | 15 Jan | 14 Feb | 500 | paid 31 Mar: 45 days late |
| b2 | 10 Mar | 9 Apr | 500 | disputed since 20 Mar, 200 paid 1 Apr |
"""

from typing import Final

import polars as pl
import pytest

from features.feature import Feature
from features.frame import build
from features.windows import AS_OF
from records.known import Known, micros
from records.lake import Lake
from tests.ledger import Ledger, moment

TODAY: Final = "2025-04-05"
FIRM_LATE: Final = (2 + 1 + 0.5) / (3 + 1 + 1)
"""Of three settled two were late, and a3 is overdue; half of one case is added."""
FIRM_DISPUTED: Final = (2 + 0.5) / (5 + 1)


def worked() -> Ledger:
    told = Ledger().client("A").client("B").contract("kA", "A", po_required=True)
    told.invoice("a1", "A", issued="2025-01-01", due="2025-01-31", amount=1000, project_id="j1", contract_id="kA")
    told.invoice("a2", "A", issued="2025-02-01", due="2025-03-03", amount=2000, project_id="j1", contract_id="kA", po_ref="PO-1")
    told.invoice("a3", "A", issued="2025-03-01", due="2025-03-31", amount=3000, project_id="j2", contract_id="kA")
    told.invoice("b1", "B", issued="2025-01-15", due="2025-02-14", amount=500)
    told.invoice("b2", "B", issued="2025-03-10", due="2025-04-09", amount=500)
    told.payment("a1", "A", on="2025-02-10", amount=1000).payment("a2", "A", on="2025-02-28", amount=2000)
    told.payment("b1", "B", on="2025-03-31", amount=500).payment("b2", "B", on="2025-04-01", amount=200)
    return told.dispute("a1", at="2025-01-10T10:00", resolved_at="2025-02-01T10:00").dispute("b2", at="2025-03-20T10:00")


def value(lake: Lake, feature: Feature, *, invoice: str = "a3", at: str = TODAY) -> float | None:
    """What a feature says of an invoice as of an instant; the client is its first letter."""
    known = Known(lake, until=moment(at))
    row = {"invoice_id": [invoice], "client_id": [invoice[0].upper()], "project_id": ["j1"], AS_OF: [micros(moment(at))]}
    found: float | None = build(known, pl.DataFrame(row), [feature])[feature.name].item()
    return found


def says(number: float | None) -> object:
    """That number, but for the rounding of a few divisions."""
    return None if number is None else pytest.approx(number, rel=1e-12, abs=1e-12)
