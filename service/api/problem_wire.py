"""A refusal over the wire (RFC 9457)."""

from typing import Annotated

from pydantic import BaseModel, Field


class FieldErrorOut(BaseModel):
    """One field that cannot be taken."""

    pointer: Annotated[str, Field(description="JSON pointer into the request.", examples=["/body/reason"])]
    detail: Annotated[str, Field(description="What is wrong with it.", examples=["Dismissing needs a reason."])]


class ProblemDetails(BaseModel):
    """What went wrong, for a person and for a program."""

    type: Annotated[str, Field(description="Address that explains this kind of problem.", examples=["/problems/not-found"])]
    title: Annotated[str, Field(description="The kind in words.", examples=["There is nothing here"])]
    status: Annotated[int, Field(description="HTTP status.", examples=[404], ge=400, le=599)]
    detail: Annotated[str, Field(description="This occurrence in words, or empty.", examples=["There is no such recommendation."])]
    instance: Annotated[str, Field(description="Path that was asked for.", examples=["/v1/recommendations/x"])]
    request_id: Annotated[str, Field(description="Name it when you ask for help.", examples=["0d9c5e1b7a3f4c52"])]
    errors: Annotated[list[FieldErrorOut], Field(description="Each field that cannot be taken.")] = []
