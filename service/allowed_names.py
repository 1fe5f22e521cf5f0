"""Which names a place of a request takes, for whoever wrote another one there."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel

LIKE: Final = 0.6
"""As alike as two names must be for one to be a slip of the other: `buyer_id` and `buyer_identifier`."""


def names_at(kind: Any, place: Sequence[str | int]) -> tuple[str, ...]:  # noqa: ANN401 - an annotation, of any shape
    """Names of the fields of what lies at a place below a value of some kind, as declared; empty where it has no fields."""
    models = _models(kind)
    for step in place:
        if isinstance(step, str):
            models = [inner for one in models if step in one.model_fields for inner in _models(one.model_fields[step].annotation)]
    return tuple(dict.fromkeys(name for one in models for name in one.model_fields))


def _models(kind: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    """The models that an annotation is made of, through lists and what may be left out."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for part in get_args(kind) for model in _models(part)]


def unknown_name(name: str, names: Sequence[str]) -> str:
    """What is said of a name that is not taken."""
    near = get_close_matches(name, names, 1, LIKE)
    meant = f" Did you mean {near[0]}?" if near else ""
    return f"No such field is taken here.{meant} There {'is' if len(names) == 1 else 'are'} {', '.join(names)}."
