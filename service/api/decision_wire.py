"""A decision over the wire."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from service.api.wire import Wire
from service.decisions import LONGEST_NOTE, LONGEST_SNOOZE, Choice
from service.status import DismissReason, Verdict

PHRASES = "; ".join(f"{reason.value}: {reason.phrase}{' – needs a note' if reason.needs_note else ''}" for reason in DismissReason)


class Decision(Wire):
    """What a person decides. `reopen` undoes: accepted, dismissed and snoozed ones are open again."""

    verdict: Annotated[
        Literal[Verdict.ACCEPT, Verdict.DISMISS, Verdict.SNOOZE, Verdict.REOPEN],
        Field(description="accept and dismiss decide, snooze puts off, reopen undoes.", examples=["dismiss"]),
    ]
    reason: Annotated[DismissReason | None, Field(description=f"With dismiss only. {PHRASES}.", examples=["client_agreed"])] = None
    note: Annotated[str, Field(description="Free text.", examples=["Agreed by mail on 20 Nov."], max_length=LONGEST_NOTE)] = ""
    until: Annotated[
        AwareDatetime | None,
        Field(description=f"With snooze only: a future instant, at most {LONGEST_SNOOZE.days} days ahead.", examples=[None]),
    ] = None

    def choice(self) -> Choice:
        return Choice(self.verdict, reason=self.reason, note=self.note, until=self.until)
