"""Trials of controls are kept, one after another, and read back as they were."""

from datetime import UTC, datetime
from pathlib import Path

from models.control_trials import KeptTrial, keep_trial, kept_trials


def test_what_was_tried_is_read_back_in_order(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert kept_trials(home) == ()
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    first = KeptTrial("rate_above_card", {"rounding": 0.5}, at, at, 9, 3, 6, 6, 1)
    second = KeptTrial("po_missing", {}, at, at, 9, 9, 0, 0, 0)
    keep_trial(home, first)
    keep_trial(home, second)
    assert kept_trials(home) == (first, second)
