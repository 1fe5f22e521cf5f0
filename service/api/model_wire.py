"""Models over the wire, read from the pointer files that training writes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.api.wire import Wire


class Pointer(BaseModel):
    """home/models/<risk>/champion.json as training writes it; it may hold more than is shown."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    risk: Annotated[str, Field(description="What it scores.", examples=["collections"])]
    version: Annotated[str, Field(description="Its version.", examples=["3"])]
    digest: Annotated[str, Field(description="SHA-256 of its files.", examples=["9f3c1d"])]
    trained_at: Annotated[datetime, Field(description="When it was trained.", examples=["2026-11-20T05:00:00Z"])]
    as_of: Annotated[datetime, Field(description="End of what training could know.", examples=["2026-11-01T00:00:00Z"])]
    metrics: Annotated[dict[str, Any], Field(description="What was measured out of time.", examples=[{"late": {"auc": 0.88}}])]
    rule: Annotated[dict[str, Any], Field(description="The same for its simple rule.", examples=[{"late": {"auc": 0.87}}])]
    features: Annotated[list[str], Field(description="The signals it reads.", examples=[["client_late_rate"]])]
    withheld: Annotated[str, Field(description="Why its likelihoods are not shown, or empty.", examples=[""])]
    outcomes: Annotated[
        dict[str, int],
        Field(description="By target: own records with the outcome that it learned from.", examples=[{"late": 412, "late_30": 57}]),
    ] = {}
    caveats: Annotated[
        dict[str, str],
        Field(
            description="By target: that it is provisional, or why the simple rule ranks in its place; what is not there is neither.",
            examples=[{"late_30": "Provisional: learned from simulated firms, 57 own outcomes so far."}],
        ),
    ] = {}


class Model(Pointer):
    """The model that stands for a risk, or the one that may take its place."""

    standing: Annotated[Literal["champion", "challenger"], Field(description="Which of the two.", examples=["champion"])]


class ModelList(Wire):
    """All models that stand."""

    items: list[Model]
