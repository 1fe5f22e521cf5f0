"""Where a page's request stands: who asks, when, in which words, on which database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.engine import Engine

from models.finding import Role
from service.auth import Actor
from service.pages.places import Area
from service.pages.wording import Wording
from service.problems import NotFound
from service.serving import Running
from service.sessions import PageActor
from service.settings import Settings


@dataclass(frozen=True)
class Desk:
    request: Request
    actor: Actor
    now: datetime
    settings: Settings
    engine: Engine

    @property
    def sees(self) -> Collection[Role]:
        return self.actor.sees

    @property
    def capacity(self) -> int:
        return self.settings.capacity

    @cached_property
    def wording(self) -> Wording:
        return Wording(self.settings.locale, self.settings.time_zone, self.now)

    @property
    def may_decide(self) -> bool:
        return self.actor.may("decide_recommendation")

    def enter(self, area: Area) -> None:
        """Raises NotFound for a queue of which this role may see nothing."""
        if area.owner_role not in self.sees:
            raise NotFound


def desk_of(request: Request, actor: PageActor, running: Running) -> Desk:
    return Desk(request=request, actor=actor, now=running.clock(), settings=running.settings, engine=running.engine)


AtDesk = Annotated[Desk, Depends(desk_of)]
