"""Where a recommendation stands, who may move it where, and the words of a decision (ux.md 2.4)."""

from enum import StrEnum


class Verdict(StrEnum):
    """What happened to a recommendation: the first four by a person, the last three by the records and the clock."""

    ACCEPT = "accept"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    REOPEN = "reopen"
    CLOSE = "close"
    """The record was settled, or is no longer found."""
    WAKE = "wake"
    """The time of a snooze has come."""
    FIND_AGAIN = "find_again"
    """A closed one was found by a later scoring."""

    @property
    def by_person(self) -> bool:
        return self in PERSONS_VERDICTS


PERSONS_VERDICTS = (Verdict.ACCEPT, Verdict.DISMISS, Verdict.SNOOZE, Verdict.REOPEN)


class Status(StrEnum):
    """Status is not outcome: the outcome is what the records later show, whatever was decided."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    CLOSED = "closed"

    def after(self, verdict: Verdict) -> "Status | None":
        """The status that `verdict` leads to from here; None when it cannot be given here."""
        return TRANSITIONS.get((self, verdict))


UNDECIDED = (Status.OPEN, Status.SNOOZED)
DECIDED = (Status.ACCEPTED, Status.DISMISSED)

TRANSITIONS: dict[tuple[Status, Verdict], Status] = {
    **{(status, Verdict.ACCEPT): Status.ACCEPTED for status in UNDECIDED},
    **{(status, Verdict.DISMISS): Status.DISMISSED for status in UNDECIDED},
    **{(status, Verdict.SNOOZE): Status.SNOOZED for status in UNDECIDED},
    **{(status, Verdict.REOPEN): Status.OPEN for status in (*DECIDED, Status.SNOOZED)},
    **{(status, Verdict.CLOSE): Status.CLOSED for status in Status},
    (Status.SNOOZED, Verdict.WAKE): Status.OPEN,
    # What a person had decided before the record dropped out holds again when it comes back: see publishing.py.
    (Status.CLOSED, Verdict.FIND_AGAIN): Status.OPEN,
}


class DismissReason(StrEnum):
    """Labels for later training: few, exclusive and stable."""

    EVIDENCE_WRONG = "evidence_wrong"
    CLIENT_AGREED = "client_agreed"
    ALREADY_FIXED = "already_fixed"
    BELOW_MATERIALITY = "below_materiality"
    WRONG_OWNER = "wrong_owner"
    OTHER = "other"

    @property
    def phrase(self) -> str:
        return DISMISS_PHRASES[self]

    @property
    def needs_note(self) -> bool:
        return self in {DismissReason.CLIENT_AGREED, DismissReason.OTHER}


DISMISS_PHRASES = {
    DismissReason.EVIDENCE_WRONG: "Evidence is wrong",
    DismissReason.CLIENT_AGREED: "Client agreed (say where)",
    DismissReason.ALREADY_FIXED: "Already fixed",
    DismissReason.BELOW_MATERIALITY: "Below materiality",
    DismissReason.WRONG_OWNER: "Right finding, wrong owner",
    DismissReason.OTHER: "Other (say what)",
}


class View(StrEnum):
    """The four lists a person looks at; each recommendation is in exactly one at a time."""

    OPEN = "open"
    """Open, and snoozed ones whose time has come."""
    SNOOZED = "snoozed"
    DECIDED = "decided"
    """Accepted or dismissed, and not closed since."""
    CLOSED = "closed"


class Mark(StrEnum):
    """What singles a collector's recommendation out."""

    BROKEN_PROMISE = "broken_promise"
    """The promise that counts for it was not kept, or only in part."""
    PROMISE_DUE = "promise_due"
    """The promise that counts for it is open, and for a day within the next 7."""
    DISPUTED = "disputed"
    """A dispute on it is open."""
    NEW = "new"
    """Found for the first time within the last 7 days, and not by the first scoring of its risk, to which nothing is new."""
