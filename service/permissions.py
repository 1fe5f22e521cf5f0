"""Who may do what: one frozen table, and what it does not name is refused.

An operation is the name of a route's function. A new route needs a line here; tests/service/test_permissions.py calls every
operation in every role.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from models.finding import Role as OwnerRole


class Role(StrEnum):
    BILLING_REVIEWER = "billing_reviewer"
    DELIVERY_LEAD = "delivery_lead"
    COLLECTOR = "collector"
    MODEL_STEWARD = "model_steward"
    CONTROLLER = "controller"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


DECIDERS: Final = frozenset({Role.BILLING_REVIEWER, Role.DELIVERY_LEAD, Role.COLLECTOR})
"""Each decides on the recommendations of its own queue."""
READERS: Final = DECIDERS | {Role.MODEL_STEWARD, Role.CONTROLLER, Role.AUDITOR}
"""An administrator manages access and sees no business data."""
EVERYONE: Final = frozenset(Role)

PUBLIC: Final = frozenset(
    {
        *("healthz", "readyz", "api_documentation", "openapi_document", "describe_problem", "static"),
        *("sign_in_page", "take_sign_in", "save_display"),
    }
)
"""Operations that need no sign-in: they tell nothing of the firm. `save_display` keeps light or dark in a cookie."""

SEES: Final[Mapping[Role, frozenset[OwnerRole]]] = MappingProxyType(
    {
        Role.BILLING_REVIEWER: frozenset({"billing_reviewer"}),
        Role.DELIVERY_LEAD: frozenset({"delivery_lead"}),
        Role.COLLECTOR: frozenset({"collector"}),
        Role.MODEL_STEWARD: frozenset({"billing_reviewer", "delivery_lead", "collector"}),
        Role.CONTROLLER: frozenset({"billing_reviewer", "delivery_lead", "collector"}),
        Role.AUDITOR: frozenset({"billing_reviewer", "delivery_lead", "collector"}),
        Role.ADMINISTRATOR: frozenset(),
    }
)
"""Whose recommendations each role may read."""

_COLLECTIONS: Final = frozenset(role for role in Role if "collector" in SEES[role])
_BILLING: Final = frozenset(role for role in Role if "billing_reviewer" in SEES[role])
_DELIVERY: Final = frozenset(role for role in Role if "delivery_lead" in SEES[role])

PERMISSIONS: Final[Mapping[str, frozenset[Role]]] = MappingProxyType(
    {
        "list_recommendations": READERS,
        "read_recommendation": READERS,
        "explain_recommendation": READERS,
        "decide_recommendation": DECIDERS,
        "list_contacts": _COLLECTIONS,
        "log_contact": frozenset({Role.COLLECTOR}),
        "list_promises": _COLLECTIONS,
        "log_promise": frozenset({Role.COLLECTOR}),
        "forecast_cash": _COLLECTIONS,
        "check_draft": _BILLING,
        "list_controls": READERS,
        "controls_page": READERS,
        "list_models": READERS,
        "list_runs": READERS,
        "home_page": EVERYONE,
        "collections_page": _COLLECTIONS,
        "collections_csv": _COLLECTIONS,
        "cash_page": _COLLECTIONS,
        "account_page": _COLLECTIONS,
        "decide_collections": frozenset({Role.COLLECTOR}),
        "note_contact": frozenset({Role.COLLECTOR}),
        "note_promise": frozenset({Role.COLLECTOR}),
        "billing_page": _BILLING,
        "billing_csv": _BILLING,
        "invoice_page": _BILLING,
        "smallest_fix_page": _BILLING,
        "decide_billing": frozenset({Role.BILLING_REVIEWER}),
        "delivery_page": _DELIVERY,
        "delivery_csv": _DELIVERY,
        "project_page": _DELIVERY,
        "timesheet_page": _DELIVERY,
        "decide_delivery": frozenset({Role.DELIVERY_LEAD}),
        "after_decision": READERS,
        "take_sign_out": EVERYONE,
    }
)


def takers(operation: str) -> str:
    """The roles that may call an operation, as a sentence has them: "auditor, billing_reviewer or controller"."""
    *others, last = sorted(PERMISSIONS.get(operation, ())) or ("none",)
    return f"{', '.join(others)} or {last}" if others else last
