"""The mechanisms by which a draft comes to be disputed, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from simulation.draws import Floats
from simulation.mechanisms.additive import additive
from simulation.mechanisms.chance import chance
from simulation.mechanisms.hurdle import hurdle

Mechanism = Callable[[Floats, Floats], Floats]
"""(log odds of a clean draft, by draft; weight of each error, drafts x kinds) -> probability of a dispute, by draft."""

MECHANISMS: Final[Mapping[str, Mechanism]] = MappingProxyType({"additive": additive, "hurdle": hurdle, "chance": chance})
