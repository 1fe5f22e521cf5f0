"""The smallest fix of each case is the one that it says, and the draft passes, or it is told what keeps it back."""

from decimal import Decimal
from typing import Any, Final

import pytest

from models.fixes.change import named
from models.fixes.smallest import Passing
from tests.models.fixes.desk import as_texts, desk, read

CASES: Final = read()


@pytest.mark.parametrize("case", CASES, ids=[one["draft"] for one in CASES])
def test_case(case: dict[str, Any]) -> None:
    here = desk(case.get("rows", {}))
    passing = Passing(case.get("line"))
    fix = here.fix(passing=passing)
    assert as_texts([step.change for step in fix.steps]) == case["fix"]
    assert fix.together.amount == Decimal(str(case["amount"]))
    assert fix.passes == case.get("passes", True)
    assert [one.finding[0] if one.finding else "likelihood" for one in fix.left] == case.get("left", [])
    answered = {one for step in fix.steps for one in step.change.answers}
    stands = {named(one) for one in passing.over(here.judge(fix.draft).findings.to_dicts())}
    assert stands <= answered | {one.finding for one in fix.left}
    assert fix.at_least <= len(fix.steps)
