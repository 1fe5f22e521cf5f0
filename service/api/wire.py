"""What every message is made of: strict models, money, likelihood."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from service import money
from service import words as said


class Wire(BaseModel):
    """Fields are given by name and nothing else is taken: a misspelt field is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class Money(Wire):
    """An amount and its currency."""

    amount: Annotated[
        str,
        Field(
            description="Exact decimal as text, with at least the currency's own decimals.",
            examples=["1250.00"],
            pattern=r"^-?\d+(\.\d+)?$",
        ),
    ]
    currency: Annotated[str, Field(description="ISO 4217 code.", examples=["GBP"], pattern="^[A-Z]{3}$")]


def _money(value: object) -> object:
    return Money(amount=value.plain, currency=value.currency) if isinstance(value, money.Money) else value


MoneyField = Annotated[Money, BeforeValidator(_money)]


class Likelihood(Wire):
    words: Annotated[str, Field(description="The one mapping from probability to words.", examples=["likely"])]
    about: Annotated[str, Field(description="The same as a rough frequency, always shown beside the words.", examples=["about 8 in 10"])]

    @classmethod
    def of(cls, likelihood: said.Likelihood) -> Self:
        return cls(words=likelihood.words, about=likelihood.about)


def _likelihood(value: object) -> object:
    return Likelihood.of(value) if isinstance(value, said.Likelihood) else value


LikelihoodField = Annotated[Likelihood, BeforeValidator(_likelihood)]
