"""Answers of the operations as the OpenAPI document describes them."""

from typing import Any, Final

from service.api.problem_wire import ProblemDetails
from service.problems import Invalid, NotAllowed, NotReady, NotSignedIn, Problem, TooLarge

Responses = dict[int | str, dict[str, Any]]


def described(*problems: type[Problem]) -> Responses:
    """One entry a status, with an example of each problem."""
    by_status: Responses = {}
    for problem in problems:
        entry = by_status.setdefault(int(problem.status), {"description": "", "content": {"application/problem+json": {"examples": {}}}})
        entry["description"] = f"{entry['description']} {problem.title}.".strip()
        content = entry["content"]["application/problem+json"]
        content["schema"] = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
        content["examples"][problem.slug] = {"summary": problem.title, "value": example(problem)}
    return by_status


def example(problem: type[Problem]) -> dict[str, Any]:
    return {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": int(problem.status),
        "detail": problem.means,
        "instance": "/v1/recommendations",
        "request_id": "0d9c5e1b7a3f4c52",
        "errors": [{"pointer": "/query/limit", "detail": "Input should be greater than or equal to 1"}] if problem is Invalid else [],
    }


ANY: Final = (NotSignedIn, NotAllowed, TooLarge, Invalid, Problem, NotReady)
"""What any operation may answer."""


def refusals(*own: type[Problem]) -> Responses:
    """What this operation may answer besides its success."""
    return described(*own, *ANY)
