"""What the counts of findings add to dispute: what is left out, and what is said where there is too little to learn from."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.control_gain import BEGINS, COUNTS, DISPUTE, ENDS, LINES, PAIRS, Gain, main, table, without
from features.drafts import draft_flaws, line_over_card
from features.findings import invoice_errors


def test_the_counts_alone_are_left_out_and_with_them_what_looks_at_the_draft() -> None:
    assert {line_over_card, draft_flaws} <= set(LINES) < set(DISPUTE.features)
    for within, out in PAIRS.values():
        assert set(without(within).features) - set(without(out).features) == set(COUNTS)
    assert invoice_errors in without(()).features


@pytest.mark.parametrize("page", [True, False])
def test_where_too_few_were_disputed_the_rule_ranks_and_counts_add_nothing(
    page: bool,  # noqa: FBT001 - a case
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    work = tmp_path_factory.getbasetemp() / "gain"
    file = tmp_path_factory.mktemp("page") / "page.md"
    file.write_text(f"{BEGINS}\n{ENDS}\n", encoding="utf-8")
    (work / "additive-45").mkdir(parents=True, exist_ok=True)
    assert main([str(work), "--firms", "additive=45", "--people", "20", "--months", "12", *(["--page", str(file)] if page else [])]) == 0
    said = file.read_text(encoding="utf-8") if page else capsys.readouterr().out
    rows = [line for line in said.splitlines() if line.startswith("| additive-45")]
    assert len(rows) == len(PAIRS)
    assert all("+0.000 (+0.000 to +0.000)" in row for row in rows)


def test_a_gain_is_told_with_the_interval_over_its_draws() -> None:
    one = Gain("f", "beside all", 10, 3, 70, 0.8, 0.7, 0.1, np.linspace(0.0, 0.2, 101))
    assert "| f | all | 10 | 3 | 70 disputed | 0.800 | 0.700 | +0.100 (+0.005 to +0.195) |" in table([one])


def test_a_page_without_a_place_for_it_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("nothing", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"page\.md has no place"):
        main([str(tmp_path), "--firms", "additive=45", "--people", "12", "--months", "8", "--page", str(file)])
