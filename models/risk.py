"""Risk: what is scored, when, against which outcome, from which signals, and what a person is told about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from features.feature import Feature
from models.finding import Role
from models.segment import Segment
from models.subject import Book
from records.known import Facts, Known

Direction = Literal[-1, 0, 1]


@dataclass(frozen=True)
class Use:
    """A feature in a risk, and what more of it does to the likelihood: raise it (1), lower it (-1), either (0)."""

    feature: Feature
    direction: Direction = 0


@dataclass(frozen=True)
class Late:
    """Outcome: the last money came more than `over_days` days after the due date, or has not come by then."""

    over_days: int


@dataclass(frozen=True)
class Disputed:
    """Outcome: a dispute was opened after the scoring and within `within_days` of the row's first being at risk."""

    within_days: int


@dataclass(frozen=True)
class Missing:
    """Outcome: a timesheet lacked days at its deadline that work was due on."""


@dataclass(frozen=True)
class Compressed:
    """Outcome: the final margin ended `points` or more of revenue's hundredths under the planned one."""

    points: int


Outcome = Late | Disputed | Missing | Compressed


@dataclass(frozen=True)
class Target:
    """One outcome of a risk, and the simple rule that a model of it is held against."""

    name: str
    says: str
    """The outcome in words, to follow 'it will be'."""
    outcome: Outcome
    rule: Feature
    """A share: what the rule gives as the probability."""
    rule_says: str


@dataclass(frozen=True)
class Happened:
    """What is said of a row whose outcome the records already show: a fact is no likelihood."""

    title: str
    """May name {reference}, {client} and the days {overdue}."""
    reason: str
    """A whole sentence; may name the day it was {due} and the {money} at stake."""


@dataclass(frozen=True)
class Risk:
    """One declaration, one file. Checks itself when made."""

    name: str
    says: str
    entity: str
    """What is scored; its key column is `<entity>_id`."""
    cluster: str
    """Column of `at_risk`: rows that share it hang together, so intervals are over it and not over rows."""
    at_risk: Callable[[Known], Facts]
    """The spans in which an entity is scored, with the columns that a finding shows."""
    ages_days: tuple[int, ...]
    """Training rows: at these days after an entity first came to be at risk, while it still is."""
    burn_in_days: int
    """Rows of so many first days of the records are not trained on: what they could know was not there yet."""
    history: Feature
    """How many outcomes a row's own record holds: where all rows together have next to none, even a rule has nothing to say."""
    targets: tuple[Target, ...]
    """The first is what a backtest reports; the last is what the worklist ranks by."""
    uses: tuple[Use, ...]
    predicts_payment: bool
    """Whether the date of payment is predicted, as a distribution."""
    stake: str
    """Column of `at_risk` with the money at stake, in engine units."""
    book: Callable[[Known, datetime], Book]
    """What a person is told of the entity, as known at an instant."""
    title: str
    """Title of a finding; may name {reference}, {client} and the {outcome}."""
    owner_role: Role
    clears: str
    """Which record closes a finding by itself, a whole sentence; may name the {reference} and the {money}."""
    actions: tuple[tuple[str, str], ...]
    """Next step for a person, by the group of the strongest raising reason; the group "" is the default."""
    issued_actions: tuple[tuple[str, str], ...] = ()
    """In their place, for the same groups, once the bill is out: what is with the client cannot be changed any more."""
    happened: Happened | None = None
    """What is said in their place once the outcome has happened; None where nothing at risk has it."""
    segments: tuple[Segment, ...] = ()
    """Divisions by one of its features in which a model is judged apart: where it fails there, the simple rule ranks there."""
    judged_ages_days: tuple[int, ...] = (0,)
    """Backtest rows: at these of the ages. The first alone is when a person could first act; what lives for months is judged on its way."""
    spread: tuple[tuple[Feature, ...], tuple[Feature, ...]] | None = None
    """Features that count others, and those: in reasons, what the former moved is put to those of the latter that are there."""
    stake_share: Feature | None = None
    """Share of the stake that is expected to be lost once the outcome has come; None where it is all of it."""
    splits_lines: bool = False
    """Whether a likelihood is split over the lines of its invoice."""
    outlook: Feature | None = None
    """Points of margin lost by the simple forecast, which the forecast of the final margin corrects; None where none is made."""

    def __post_init__(self) -> None:
        if not self.targets or not self.uses:
            raise ValueError(f"risk {self.name}: a risk needs a target and features")
        if self.ages_days[:1] != (0,) or list(self.ages_days) != sorted(set(self.ages_days)):
            raise ValueError(f"risk {self.name}: ages_days must rise from 0, not {self.ages_days}")
        if not set(self.judged_ages_days) <= set(self.ages_days):
            raise ValueError(f"risk {self.name}: judged_ages_days {self.judged_ages_days} are not among its ages {self.ages_days}")
        if "" not in dict(self.actions):
            raise ValueError(f'risk {self.name}: no default action; add one for the group ""')
        if self.issued_actions and dict(self.issued_actions).keys() != dict(self.actions).keys():
            raise ValueError(f"risk {self.name}: a draft and a bill that is out need a next step for the same groups")
        names = [target.name for target in self.targets]
        if len(set(names)) < len(names):
            raise ValueError(f"risk {self.name}: two targets of one name in {', '.join(names)}")
        if outside := [one.name for one in self._needed if one not in self.features]:
            raise ValueError(f"risk {self.name}: {', '.join(outside)} is a simple rule, its history or a segment and no feature of it")
        if twice := {one.name for one in self.features if self.features.count(one) > 1}:
            raise ValueError(f"risk {self.name}: features used twice: {', '.join(sorted(twice))}")

    @property
    def _needed(self) -> tuple[Feature, ...]:
        outlook = (self.outlook,) if self.outlook is not None else ()
        return (*self.rules, self.history, *outlook, *(segment.feature for segment in self.segments))

    @property
    def key(self) -> str:
        return f"{self.entity}_id"

    @property
    def features(self) -> tuple[Feature, ...]:
        return tuple(use.feature for use in self.uses)

    @property
    def computed(self) -> tuple[Feature, ...]:
        """All that is worked out for a row, in training and in serving."""
        return tuple(dict.fromkeys([*self.features, *self.rules, *((self.stake_share,) if self.stake_share else ())]))

    @property
    def rules(self) -> tuple[Feature, ...]:
        return tuple(dict.fromkeys(target.rule for target in self.targets))

    @property
    def decided_by(self) -> Target:
        """The target that the worklist ranks by."""
        return self.targets[-1]
