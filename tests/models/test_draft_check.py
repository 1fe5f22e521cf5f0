"""What a draft's check says is what a night's scoring says once the draft is recorded: likelihood, reasons, lines, money, evidence."""

from datetime import timedelta
from typing import Final

import polars as pl
import pytest

from controls.catalog import findings_on_bills, standing
from models.catalog import risk_named
from models.draft_check import DraftDesk
from models.fixes.draft import Draft
from models.prior import shipped
from models.scoring import score
from records.held import Held
from records.known import Known
from tests.features.eventful import BEGUN, eventful
from tests.ledger import moment

DISPUTE: Final = risk_named("dispute")
OF_INVOICE: Final = ("invoice", "invoice_line")


@pytest.mark.parametrize("month", [4, 9, 13])
def test_it_says_what_the_night_after_says(month: int) -> None:
    as_of, name = moment(f"{BEGUN + timedelta(days=30 * month - 3)}T10:00"), f"s{month}"
    frames = {table: rows.filter(pl.col("recorded_at") <= as_of) for table, rows in eventful().frames().items()}
    whole = Known(Held(frames), until=as_of)
    prior = shipped(DISPUTE)
    [wanted] = [one for one in score(whole, DISPUTE, prior, as_of=as_of).findings if one.entity_id == name]
    rest = {table: rows.filter(pl.col("invoice_id") != name) if table in OF_INVOICE else rows for table, rows in frames.items()}
    draft = Draft(name, "slow", {table: frames[table].filter(pl.col("invoice_id") == name) for table in OF_INVOICE})
    desk = DraftDesk(Held(rest), as_of=as_of, dispute=prior, anomalies=None)
    checked = desk.check(draft)
    assert checked.dispute == wanted
    ours = pl.col("invoice_id") == name
    assert checked.findings.filter(ours).equals(standing(whole, as_of, of=findings_on_bills).filter(ours))


def test_a_fix_scores_as_its_draft_does_when_it_is_checked() -> None:
    as_of, name = moment(f"{BEGUN + timedelta(days=30 * 8 - 3)}T10:00"), "s8"
    frames = {table: rows.filter(pl.col("recorded_at") <= as_of) for table, rows in eventful().frames().items()}
    rest = {table: rows.filter(pl.col("invoice_id") != name) if table in OF_INVOICE else rows for table, rows in frames.items()}
    desk = DraftDesk(Held(rest), as_of=as_of, dispute=shipped(DISPUTE), anomalies=None)
    draft = Draft(name, "slow", {table: frames[table].filter(pl.col("invoice_id") == name) for table in OF_INVOICE})
    checked = desk.check(draft)
    fix = desk.fix(draft, checked)
    assert fix.before.probability == checked.dispute.probability
    assert fix.steps
    assert desk.check(fix.draft).dispute.probability == fix.together.probability
