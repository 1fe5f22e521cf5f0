"""Cash: what the open invoices will bring, week by week."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.weeks_ahead import DEFAULT_WEEKS, MOST_WEEKS
from plumbline.console import AsJson, AsOf, Failure, emit, home, instant, say, show, working

if TYPE_CHECKING:
    from models.cash import CashForecast


def add(app: typer.Typer) -> None:
    app.command()(cash)


def cash(
    client: Annotated[
        list[str] | None, typer.Option(metavar="CLIENT", help="Key of a client; may be given again. Default: all clients.")
    ] = None,
    weeks: Annotated[int, typer.Option(help="Weeks ahead.", min=1, max=MOST_WEEKS)] = DEFAULT_WEEKS,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """What the open invoices will bring in, week by week. Each week has an expected sum and 50, 80 and 95 % ranges, for each currency.

    Example: plumbline cash --as-of 2026-11-23 --client C00012 --weeks 8
    """
    from models.bundle import RefusedModelError
    from plumbline.workflow import NoPaymentModelError, cash_forecast

    at = instant(as_of)
    with working("forecasting"):
        try:
            found = cash_forecast(home(), as_of=at, clients=client, weeks=weeks)
        except RefusedModelError as error:
            raise Failure(str(error), 3, "model refused") from error
        except NoPaymentModelError as error:
            raise Failure(str(error), 4, "no model of payment dates") from error
    if as_json:
        told = [_as_json(one) for one in found.forecasts]
        emit({"as_of": at.isoformat(), "clients": client, "forecasts": told, "notices": list(found.notices)})
        return
    for notice in found.notices:
        say(notice)
    if not found.forecasts:
        whose = " of these clients" if client else ""
        say(f"no invoice{whose} was open as of {at:%Y-%m-%d %H:%M} UTC, so nothing is expected")
    for one in found.forecasts:
        rows = [
            (
                f"{week.begins:%d %b} to {week.ends:%d %b %Y}",
                f"{week.expected:,.0f}",
                *(f"{part.low:,.0f} to {part.high:,.0f}" for part in week.ranges),
            )
            for week in one.weeks
        ]
        shares = (f"{part.share:.0%} range" for part in one.weeks[0].ranges)
        show(f"Cash expected in {one.currency} on open invoices of {one.owed:,.0f}", ("week", "expected", *shares), rows)
        undated = f", and {one.undated:,.0f} has no due date" if one.undated else ""
        say(f"{one.currency} {one.later:,.0f} comes later or never{undated}; invoices still to be issued are not in it")


def _as_json(one: "CashForecast") -> dict[str, Any]:
    weeks = [
        {
            "begins": week.begins,
            "ends": week.ends,
            "expected": week.expected,
            "ranges": [{"share": part.share, "low": part.low, "high": part.high} for part in week.ranges],
        }
        for week in one.weeks
    ]
    return {"currency": one.currency, "owed": one.owed, "later": one.later, "undated": one.undated, "weeks": weeks}
