"""What was tried of controls on history, kept so that a proposal can say whether it was: one line a trial, none ever changed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from controls.facts.guidelines import Value

FILE: Final = "control_trials.jsonl"
"""Below the home folder."""


@dataclass(frozen=True)
class KeptTrial:
    """One control tried with other tolerances; with none of them it is what it found as it is."""

    control: str
    tolerances: Mapping[str, Value]
    tried_at: datetime
    as_of: datetime
    """End of the records on which it was tried."""
    as_is: int
    """Findings through these records."""
    tried: int
    vanished: int
    """Found only as it is."""
    vanished_invoices: int
    """Invoices that these are on."""
    vanished_disputed: int
    """Of them disputed afterwards: what would have been missed."""


def keep_trial(home: Path, trial: KeptTrial) -> None:
    home.mkdir(parents=True, exist_ok=True)
    with (home / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(trial), default=datetime.isoformat) + "\n")


def kept_trials(home: Path) -> tuple[KeptTrial, ...]:
    """All of them, the newest last."""
    place = home / FILE
    if not place.exists():
        return ()
    told = (json.loads(line) for line in place.read_text("utf-8").splitlines())
    return tuple(KeptTrial(**one | {name: datetime.fromisoformat(one[name]) for name in ("tried_at", "as_of")}) for one in told)
