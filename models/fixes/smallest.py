"""The smallest fix of a draft: searched over sets of changes, fewest first, each set scored again by whoever scores drafts.

A draft is under the line when nothing grave stands on it and its likelihood of a dispute is low enough. Sets are tried in the order of
their size, then of the rightful money that they hold back, then of minutes; a set is tried only if it holds, for each grave finding, a
change that could clear it, and no two changes that contradict each other. So the first that passes is the smallest there is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import combinations
from typing import Final

from controls.control import LEVEL
from models.fixes.change import CONTROL, Change, Finding, Named, named
from models.fixes.changed import changed
from models.fixes.clearing import NOT_ON_A_DRAFT, candidates, unsaid
from models.fixes.draft import Draft, Ground, Judge, Judged
from records.known import Known

NEAR: Final = 1.2
"""A likelihood within a fifth of the least that any change reaches is as low as this draft gets: the rest is the client's habit, and a
fifth is less than what two months of its invoices differ by."""
EXACT_MOST: Final = 12
"""So many changes make 4,095 sets, of which a glance rules out nearly all; beyond it sets are put together one by one."""
JUDGED_MOST: Final = 40
"""Sets that are scored at most: at a tenth of a second each a person still waits for it."""
MANY: Final = 24
"""With more changes than these no smallest set is looked for: a draft with so much amiss is gone through as a whole, and each set that is
scored keeps a person waiting. It gets the likeliest change for each finding, scored together."""
FACE: Final = frozenset({"invoice", "invoice_line"})
"""Entities that the client reads."""


@dataclass(frozen=True)
class Passing:
    """The line that a draft must come under."""

    probability: float | None = None
    """Likelihood of a dispute: the firm's own line, such as that of the last draft that its reviewers have time for. Without one, or where
    no change reaches it, NEAR the least that can be reached."""
    on_face: int = LEVEL["warning"]
    """Least severity that may not stand on the bill's head or lines: what is likely to be asked about there is read by the client."""
    beneath: int = LEVEL["error"]
    """The same of time and expenses, whose warnings are for the firm to know."""

    def over(self, founds: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings that are grave enough to keep a draft back."""
        told = [one for one in founds if one["control"] not in NOT_ON_A_DRAFT]
        return tuple(one for one in told if one["severity"] >= (self.on_face if CONTROL[one["control"]].entity in FACE else self.beneath))


@dataclass(frozen=True)
class Effect:
    """What a change, or a set of them, makes of the draft as it was."""

    clears: tuple[Named, ...]
    """Grave findings that no longer stand."""
    causes: tuple[Named, ...]
    """Grave findings that did not stand before."""
    probability: float | None
    """None where nothing can be said, and of one of many changes."""
    amount: Decimal
    """Of the bill, with tax where it has any."""


@dataclass(frozen=True)
class Step:
    change: Change
    alone: Effect


@dataclass(frozen=True)
class Left:
    """What still keeps the draft back."""

    finding: Named | None
    """None where it is the likelihood."""
    why: str


@dataclass(frozen=True)
class Fix:
    """The smallest fix: `steps` is empty where nothing need be done, or nothing can."""

    steps: tuple[Step, ...]
    before: Effect
    together: Effect
    passes: bool
    left: tuple[Left, ...]
    instead: tuple[Change, ...]
    """Other changes for the same findings, if one of these will not do."""
    at_least: int
    """Changes that any set needs which clears as much: fewer is proven impossible."""
    draft: Draft
    """As if all were done."""

    @property
    def minutes(self) -> int:
        return sum(step.change.minutes for step in self.steps)


def smallest_fix(draft: Draft, judge: Judge, *, known: Known, as_of: datetime, passing: Passing | None = None) -> Fix:
    """`known`: the records of the draft's client at least, with or without the draft; `judge` scores a draft as of the same instant."""
    return _Search(Ground(known, draft, as_of=as_of), judge, passing or Passing()).fix()


class _Search:
    def __init__(self, ground: Ground, judge: Judge, passing: Passing) -> None:
        self._ground, self._judge, self._passing = ground, judge, passing
        self._judged: dict[frozenset[int], Judged] = {}
        self._before = self._tried(frozenset())
        self._over = passing.over(self._before.findings.to_dicts())
        made = candidates(self._over, ground)
        self._changes = (*made, *unsaid(ground, made))
        self._many = len(self._changes) > MANY
        self._changes = self._changes if self._many else (*self._changes, *self._following())
        self._fitting = {named(one): frozenset(self._helping(one)) for one in self._over}
        self._can = [fits for fits in self._fitting.values() if fits]

    def fix(self) -> Fix:
        chosen = self._most() if self._many else self._smallest(self._bar())
        steps = tuple(Step(self._changes[one], self._alone(one)) for one in sorted(chosen))
        left = tuple(self._left(chosen))
        instead = [change for place, change in enumerate(self._changes) if place not in chosen and change.fits]
        return Fix(
            steps,
            self._effect(frozenset()),
            self._effect(chosen),
            not left,
            left,
            tuple(instead),
            max(len(_apart(self._can)), int(bool(chosen))),
            self._draft(chosen),
        )

    def _following(self) -> tuple[Change, ...]:
        """Changes for what the others bring about: the lines of another draft come with what is amiss on them."""
        most = self._most()
        if not most:
            return ()
        before = {named(one) for one in self._over}
        brought = [one for one in self._passing.over(self._tried(most).findings.to_dicts()) if named(one) not in before]
        after = Ground(self._ground.known, self._draft(most), as_of=self._ground.as_of)
        return tuple(one for one in candidates(brought, after) if one not in self._changes)

    def _helping(self, found: Finding) -> Iterator[int]:
        """Changes that could clear a finding: thought of for it, or touching its line, or the sums that it is about."""
        of_sums = CONTROL[found["control"]].entity == "invoice" and CONTROL[found["control"]].unit == "money"
        for place, change in enumerate(self._changes):
            if named(found) in change.fits or found["line_id"] in change.lines or (of_sums and change.lines):
                yield place

    def _bar(self) -> float:
        """The likelihood that will do."""
        most = self._needed(self._most())
        reached = self._tried(most).probability if most else self._before.probability
        if reached is None:
            return float("inf")
        return max(reached * NEAR, self._passing.probability or 0.0)

    def _needed(self, chosen: frozenset[int]) -> frozenset[int]:
        """Without changes for what another clears already: a reduction to the cap beside the copy that broke it lowers any likelihood."""
        for one in sorted(chosen, key=lambda each: self._cost((each,)), reverse=True):
            fewer, fits = chosen - {one}, self._changes[one].fits
            spared = fits and all(self._fitting.get(name, frozenset()) & fewer for name in fits)
            if spared and len(self._standing(fewer)) <= len(self._standing(chosen)):
                chosen = fewer
        return chosen

    def _most(self) -> frozenset[int]:
        """The likeliest change for each finding, and all for what no control says: as low as this draft gets."""
        met: set[Named] = set()
        taken: list[int] = []
        for place, change in enumerate(self._changes):
            if (not change.fits or change.fits - met) and not self._clash(place, taken):
                taken.append(place)
                met |= change.fits
        return frozenset(taken)

    def _smallest(self, bar: float) -> frozenset[int]:
        if self._will_do(frozenset(), bar):
            return frozenset()
        fallback = self._most()
        order: Callable[[], Iterator[frozenset[int]]] = self._sets if len(self._changes) <= EXACT_MOST else self._grown
        for chosen in order():
            if self._will_do(chosen, bar):
                return chosen
            if len(self._judged) >= JUDGED_MOST:
                break
        return self._pruned(fallback, bar)

    def _sets(self) -> Iterator[frozenset[int]]:
        """Every set that may do, in the order of its cost."""
        for size in range(max(len(_apart(self._can)), 1), len(self._changes) + 1):
            whole = (one for one in combinations(range(len(self._changes)), size) if self._may_do(one))
            yield from (frozenset(one) for one in sorted(whole, key=self._cost))

    def _may_do(self, chosen: Sequence[int]) -> bool:
        return all(not fits.isdisjoint(chosen) for fits in self._can) and not any(
            self._clash(one, chosen[:place]) for place, one in enumerate(chosen)
        )

    def _grown(self) -> Iterator[frozenset[int]]:
        """The change that meets most of what is unmet, the cheapest of these, until all is met; then each of the rest beside these."""
        taken: list[int] = []
        unmet = list(self._can)
        while unmet:
            free = [one for one in range(len(self._changes)) if not self._clash(one, taken) and any(one in fits for fits in unmet)]
            if not free:
                break
            taken.append(min(free, key=lambda one: (-sum(one in fits for fits in unmet), self._cost((one,)))))
            unmet = [fits for fits in unmet if taken[-1] not in fits]
        yield frozenset(taken)
        rest = [one for one in range(len(self._changes)) if one not in taken and not self._clash(one, taken)]
        yield from (frozenset({*taken, one}) for one in sorted(rest, key=lambda one: self._cost((one,))))

    def _pruned(self, chosen: frozenset[int], bar: float) -> frozenset[int]:
        """Without what makes no odds, the dearest first."""
        for one in sorted(chosen, key=lambda each: self._cost((each,)), reverse=True):
            fewer = chosen - {one}
            if len(self._standing(fewer)) <= len(self._standing(chosen)) and self._low(fewer, bar) >= self._low(chosen, bar):
                chosen = fewer
        return chosen

    def _clash(self, one: int, others: Sequence[int]) -> bool:
        return any(self._changes[one].against(self._changes[other]) for other in others)

    def _cost(self, chosen: Sequence[int]) -> tuple[Decimal, int, tuple[int, ...]]:
        told = [self._changes[one] for one in chosen]
        return sum((one.held_back for one in told), Decimal(0)), sum(one.minutes for one in told), tuple(chosen)

    def _will_do(self, chosen: frozenset[int], bar: float) -> bool:
        lost = [one for one in self._standing(chosen) if self._fitting.get(one, frozenset({0}))]
        return not lost and self._low(chosen, bar)

    def _low(self, chosen: frozenset[int], bar: float) -> bool:
        probability = self._tried(chosen).probability
        return probability is None or probability <= bar

    def _standing(self, chosen: frozenset[int]) -> list[Named]:
        """Grave findings on the draft after these changes; what an answer clears does not stand."""
        answered = {one for place in chosen for one in self._changes[place].answers}
        over = self._passing.over(self._tried(chosen).findings.to_dicts())
        return sorted(named(one) for one in over if named(one) not in answered)

    def _effect(self, chosen: frozenset[int]) -> Effect:
        before, after = {named(one) for one in self._over}, set(self._standing(chosen))
        head = self._draft(chosen).rows["invoice"].filter(invoice_id=self._ground.draft.invoice_id).to_dicts()[0]
        amount = head["net_amount"] if head["gross_amount"] is None else head["gross_amount"]
        return Effect(tuple(sorted(before - after)), tuple(sorted(after - before)), self._tried(chosen).probability, amount)

    def _alone(self, one: int) -> Effect:
        """What one change makes of the draft; of many, what it was thought of for, and no likelihood."""
        if not self._many:
            return self._effect(frozenset({one}))
        before = self._effect(frozenset())
        return Effect(tuple(sorted(self._changes[one].fits)), (), None, before.amount)

    def _left(self, chosen: frozenset[int]) -> Iterator[Left]:
        for one in self._standing(chosen):
            yield Left(one, f"Nothing on this draft clears it: {CONTROL[one[0]].clears}")
        probability, line = self._tried(chosen).probability, self._passing.probability
        if probability is not None and line is not None and probability > line:
            why = f"{probability:.0%} is above the line of {line:.0%} whatever is changed: it is the client's habit, not this draft."
            yield Left(None, why)

    def _draft(self, chosen: frozenset[int]) -> Draft:
        return changed(self._ground, [self._changes[one] for one in sorted(chosen)])

    def _tried(self, chosen: frozenset[int]) -> Judged:
        if chosen not in self._judged:
            self._judged[chosen] = self._judge(self._draft(chosen) if chosen else self._ground.draft)
        return self._judged[chosen]


def _apart(fitting: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    """Findings of which no two can be cleared by one change: as many changes are needed at least."""
    found: list[frozenset[int]] = []
    for one in sorted(fitting, key=len):
        if all(one.isdisjoint(other) for other in found):
            found.append(one)
    return found
