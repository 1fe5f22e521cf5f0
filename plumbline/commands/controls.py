"""Controls: what is certainly wrong with the records."""

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from plumbline.console import AsJson, AsOf, Failure, emit, home, instant, now, say, show, working

if TYPE_CHECKING:
    from controls.control import Control
    from training.control_trial import Found

SHOWN: Final = 50
"""Rows of a table: more is read as JSON, or control by control."""
HEAD: Final = ("severity", "control", "about", "expected", "found", "rests on", "money at stake")


def add(app: typer.Typer) -> None:
    app.command()(check)
    trials = typer.Typer(help="Try controls on history before their tolerances are changed.", no_args_is_help=True)
    trials.command()(backtest)
    app.add_typer(trials, name="controls")


def check(
    control: Annotated[str | None, typer.Argument(metavar="[CONTROL]", help="One control alone, such as po_missing.")] = None,
    as_of: AsOf = None,
    publish: Annotated[bool, typer.Option("--publish", help="Put what is found on the worklists.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what the controls find: which record, what was expected and found, what it rests on and what would clear it.

    Example: plumbline check rate_above_card --as-of 2026-06-30
    """
    import polars as pl

    from controls.catalog import CONTROLS, standing
    from records.known import Known
    from records.lake import Lake

    by_name = {one.name: one for one in CONTROLS}
    if control is not None:
        _named(control)
    at = instant(as_of)
    with working("checking"):
        found = standing(Known(Lake(home() / "lake"), until=at), at)
    told = [_told(by_name[row["control"]], row) for row in found.filter(pl.col("control") == (control or pl.col("control"))).to_dicts()]
    if publish:
        from plumbline.workflow import checks

        checks(home(), [by_name[control]] if control else CONTROLS, as_of=at, now=now())
    if as_json:
        emit({"as_of": at, "findings": told})
        return
    _table(told, f"Found by the controls as of {at:%Y-%m-%d %H:%M} UTC")
    for name in dict.fromkeys(row["control"] for row in told):
        say(f"{name}: {by_name[name].says} To clear it: {by_name[name].clears}")


def backtest(
    control: Annotated[str, typer.Argument(metavar="CONTROL", help="Which control, such as rate_above_card.")],
    tried: Annotated[list[str], typer.Option("--set", metavar="NAME=VALUE", help="A tolerance to try; may be given several times.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """What a control would have found with other tolerances, and whether the clients disputed it. Changes nothing.

    Example: plumbline controls backtest rate_above_card --set rounding=0.50
    """
    from dataclasses import asdict

    from records.known import Known
    from records.lake import Lake
    from training.control_trial import UnknownToleranceError, trial

    one = _named(control)
    with working("trying"):
        try:
            found = trial(Known(Lake(home() / "lake"), until=instant(as_of)), one, dict(_assigned(text) for text in tried))
        except UnknownToleranceError as error:
            raise Failure(str(error), 2, "usage") from error
    compared = {"as it is": found.as_is, "as tried": found.tried, "only as tried": found.appeared, "only as it is": found.vanished}
    if as_json:
        told = {name.replace(" ", "_"): {**asdict(each), "interval": each.disputed.interval} for name, each in compared.items()}
        emit({"control": control, "tolerances": dict(found.tolerances), **told})
        return
    title = f"{control} with {', '.join(f'{name} {value}' for name, value in found.tolerances.items())}"
    show(
        title,
        ("", "findings", "money at stake", "invoices", "disputed later"),
        [_compared(name, each) for name, each in compared.items()],
        left=1,
    )


def _compared(name: str, found: "Found") -> tuple[str, str, str, str, str]:
    money = ", ".join(f"{amount:,} {currency}" for currency, amount in found.money.items())
    low_high = found.disputed.interval
    share = "" if low_high is None else f"{found.disputed.hits} ({low_high[0]:.0%} to {low_high[1]:.0%})"
    return name, f"{found.findings:,}", money, f"{found.disputed.number:,}", share


def _named(name: str) -> "Control":
    from controls.catalog import CONTROLS

    by_name = {one.name: one for one in CONTROLS}
    if name not in by_name:
        raise Failure(f"there is no control {name}; there are {', '.join(sorted(by_name))}", 2, "usage")
    return by_name[name]


def _assigned(text: str) -> tuple[str, Any]:
    """NAME=VALUE, the value as JSON has it, else as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise Failure(f"--set {text}: write a tolerance and its value, such as rounding=0.50", 2, "usage")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _table(told: list[dict[str, Any]], title: str) -> None:
    columns = ("severity", "control", "entity_id", "expected", "found")
    rows = [
        (
            *(row[name] or "" for name in columns),
            f"{row['rests_on_table']} {row['rests_on_id']}",
            f"{row['difference']} {row['currency'] or ''}",
        )
        for row in told[:SHOWN]
    ]
    show(title, HEAD, rows, left=6)
    if len(told) > SHOWN:
        say(f"{len(told) - SHOWN} more: name a control, or read all with --json")


def _told(control: "Control", row: dict[str, Any]) -> dict[str, Any]:
    """A finding as it is read outside: no engine units, no instants of knowledge."""
    from decimal import Decimal

    from records.known import ENTER, LEAVE, MONEY_SCALE

    shown = {name: value for name, value in row.items() if name not in {ENTER, LEAVE}}
    stake = (Decimal(row["difference"]) / MONEY_SCALE).quantize(Decimal("0.01"))
    words = {"says": control.says, "clears": control.clears, "unit": control.unit}
    return {
        **shown,
        "severity": control.severity,
        "entity": control.entity,
        "entity_id": row[control.key],
        "difference": str(stake),
        **words,
    }
