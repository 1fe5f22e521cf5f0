"""The status machine, whatever the order of what happens."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service.status import DECIDED, PERSONS_VERDICTS, DismissReason, Status, Verdict


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.status = Status.OPEN
        self.history: list[Verdict] = []

    @rule(verdict=st.sampled_from(Verdict))
    def give(self, verdict: Verdict) -> None:
        after = self.status.after(verdict)
        if after is not None:
            self.status = after
            self.history.append(verdict)

    @invariant()
    def a_decision_is_one_that_somebody_gave(self) -> None:
        last = next((verdict for verdict in reversed(self.history)), None)
        expected = {Verdict.ACCEPT: Status.ACCEPTED, Verdict.DISMISS: Status.DISMISSED, Verdict.SNOOZE: Status.SNOOZED}
        if self.status in DECIDED or self.status is Status.SNOOZED:
            assert last is not None
            assert expected[last] is self.status

    @invariant()
    def nobody_decides_on_what_is_closed(self) -> None:
        if self.status is Status.CLOSED:
            assert all(self.status.after(verdict) is None for verdict in PERSONS_VERDICTS)

    @invariant()
    def every_decision_can_be_undone(self) -> None:
        if self.status in (*DECIDED, Status.SNOOZED):
            assert self.status.after(Verdict.REOPEN) is Status.OPEN

    @invariant()
    def the_records_close_anything(self) -> None:
        assert self.status.after(Verdict.CLOSE) is Status.CLOSED


TestMachine = Machine.TestCase


def test_who_says_that_the_client_agreed_says_where() -> None:
    assert {reason for reason in DismissReason if reason.needs_note} == {DismissReason.CLIENT_AGREED, DismissReason.OTHER}
