"""What people write about their time: good narratives name what, on what and why; poor ones do not. Codes follow the UTBMS pattern."""

from itertools import product
from typing import Final

import numpy as np
import polars as pl

from simulation.draws import Flags, Ints
from simulation.plan import Plan

TASKS: Final = ("Analysis", "Design", "Implementation", "Review", "Workshop")
TASK_CODES: Final = ("A101", "D201", "I301", "R401", "W501")
_VERBS: Final = ("Prepared", "Reviewed", "Revised", "Discussed", "Tested", "Drafted", "Presented", "Reconciled")
_OBJECTS: Final = (
    "interface specification", "cost model", "data migration plan", "steering committee paper", "tax memorandum", "test protocol",
    "requirements list", "supplier comparison", "process map", "risk register", "training material", "cut-over checklist",
)  # fmt: skip
_ENDS: Final = ("with the client's team", "after comments of the client", "for the monthly meeting", "for acceptance", "ahead of release 2")
GOOD: Final = pl.Series([f"{verb} {thing} {end}" for verb, thing, end in product(_VERBS, _OBJECTS, _ENDS)])
POOR: Final = pl.Series(["work", "project work", "misc", "various", "as discussed", "see mail", "calls", "meeting", "support", "tbd"])


def narratives(plan: Plan, *, key: tuple[Ints, Ints, Ints], poor: Flags) -> pl.Series:
    """One text an entry, by its key (person, day, slot)."""
    level = plan.draws.uniform("entry.narrative", *key)
    good = GOOD.gather(pl.Series((level * len(GOOD)).astype(np.uint32)))
    return pl.select(
        pl.when(pl.lit(pl.Series(poor))).then(POOR.gather(pl.Series((level * len(POOR)).astype(np.uint32)))).otherwise(good)
    ).to_series()


OWN_WORK: Final = pl.Series([
    "Interviewed two applicants for the graduate intake", "Sorted travel receipts and parking tickets",
    "Slides for the summer party committee", "Set up laptops for new starters", "Article for our newsletter",
    "Moved desks to the third floor", "Pitch rehearsal, prospect in retail", "Appraisal talks, first round",
    "Ordered business cards and stationery", "Language course, unit seven", "Booked the team offsite hotel",
    "Cleaned up old mailbox folders",
])  # fmt: skip
"""The firm's own work, which is nobody's to pay for but its own."""
