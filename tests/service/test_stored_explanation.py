"""What explains a finding comes back as it was stored, also what was stored before a part of it was kept."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from models.finding import Finding, LinePart
from service.stored_explanation import pack, unpack

PARTS = (
    LinePart("l2", 2, "Analysis", Decimal("560.00"), 0.75, 0.3, "12% over the card of 2025-01-01"),
    LinePart("l1", 1, "Design", Decimal("5000.00"), 0.25, 0.1, ""),
)


def test_the_parts_of_a_likelihood_come_back_as_they_were(new_finding: Callable[..., Finding]) -> None:
    finding = replace(new_finding("i1"), lines=PARTS)
    stored = unpack(pack(finding))
    assert stored.lines == PARTS
    assert (stored.reasons, stored.evidence, stored.facts, stored.clears) == (
        finding.reasons,
        finding.evidence,
        finding.facts,
        finding.clears,
    )


def test_what_was_stored_before_parts_were_kept_has_none(new_finding: Callable[..., Finding]) -> None:
    packed = pack(new_finding("i1"))
    del packed["lines"]
    assert unpack(packed).lines == ()
