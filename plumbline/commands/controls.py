"""Controls: what is certainly wrong with the records."""

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from plumbline.console import AsJson, AsOf, Failure, Group, emit, home, instant, now, say, show, working

if TYPE_CHECKING:
    from datetime import datetime

    from controls.control import Control
    from service.control_ledger import LedgerLine
    from training.control_trial import Found, Trial

SHOWN: Final = 50
"""Rows of a table: more is read as JSON, or control by control."""
HEAD: Final = ("severity", "control", "about", "expected", "found", "rests on", "money at stake")


def add(app: typer.Typer) -> None:
    app.command()(check)
    controls = typer.Typer(cls=Group, help="See what people made of the controls, and try other tolerances.", no_args_is_help=True)
    controls.command()(ledger)
    controls.command()(backtest)
    app.add_typer(controls, name="controls")


def check(
    control: Annotated[str | None, typer.Argument(metavar="CONTROL", help="One control alone, such as po_missing. Default: all.")] = None,
    as_of: AsOf = None,
    publish: Annotated[bool, typer.Option("--publish", help="Put what is found on the worklists.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what the controls find. Each with its record, what was expected and found, what that rests on and what would clear it.

    Example: plumbline check rate_above_card --as-of 2026-06-30
    """
    import polars as pl

    from controls.catalog import CONTROLS, standing
    from controls.guidelines.standing import misfits, standing_rows
    from records.known import Known
    from records.lake import Lake

    by_name = {one.name: one for one in CONTROLS}
    if control is not None:
        _named(control)
    at = instant(as_of)
    known = Known(Lake(home() / "lake"), until=at)
    with working("checking"):
        found = standing(known, at)
    ruled = standing_rows(known, at=at)
    clauses = {row["guideline_id"]: row["text"] for row in ruled}
    told = [
        _told(by_name[row["control"]], row, clauses) for row in found.filter(pl.col("control") == (control or pl.col("control"))).to_dicts()
    ]
    if publish:
        from plumbline.workflow import checks

        checks(home(), [by_name[control]] if control else CONTROLS, as_of=at, now=now())
    if wrong := misfits(ruled):
        many = len({one.guideline_id for one in wrong})
        said = "guideline changes no control as it stands" if many == 1 else "guidelines change no control as they stand"
        say(f"{many} {said}: see `plumbline guidelines check`")
    if as_json:
        emit({"as_of": at, "findings": told})
        return
    if not told:
        said = f"{control} finds nothing" if control else "no control finds anything"
        say(f"{said} as of {at:%Y-%m-%d %H:%M} UTC")
        return
    _table(told, f"Found by the controls as of {at:%Y-%m-%d %H:%M} UTC")
    for name in dict.fromkeys(row["control"] for row in told):
        say(f"{name}: {by_name[name].says} To clear it: {by_name[name].clears}")


def ledger(as_json: AsJson = False) -> None:
    """List what people made of each control, without changing anything. Verdicts, precision, money, minutes, and what they propose.

    Example: plumbline controls ledger
    """
    from models.control_trials import kept_trials
    from service.api.control_wire import Control as Told
    from service.control_ledger import control_ledger
    from service.database import open_engine, reading, upgrade
    from service.permissions import SEES, Role
    from service.settings import Settings

    engine = open_engine(Settings.from_environment().database)
    upgrade(engine)
    with reading(engine) as session:
        lines = control_ledger(session, SEES[Role.CONTROLLER], trials=kept_trials(home()))
    engine.dispose()
    if as_json:
        emit({"items": [Told.of(line).model_dump(mode="json") for line in lines]})
        return
    spoke = [line for line in lines if line.recommendations]
    head = ("control", "spoke", "waiting", "right", "wrong", "precision (95 %)", "found", "minutes")
    show(f"{len(spoke)} of {len(lines)} controls have spoken", head, [_ledger_row(line) for line in spoke])
    for line in lines:
        if line.proposal:
            tried = line.proposal.tried
            say(f"{line.control.name}: {line.proposal.says}")
            say(f"  {'tried' if tried else 'untried'}: {line.proposal.command}")
    say("minutes: from one decision to the same person's next in a sitting, of all people; without the first of each sitting")


def _ledger_row(line: "LedgerLine") -> tuple[str, ...]:
    low, high = line.precision_interval or (0.0, 0.0)
    precision = "–" if line.precision is None else f"{line.precision:.0%} ({low:.0%} to {high:.0%})"
    counts = (line.recommendations, line.waiting, line.right, line.wrong)
    found = ", ".join(f"{money.amount:,.0f} {money.currency}" for money in line.found)
    return (line.control.name, *(f"{one:,}" for one in counts), precision, found, f"{line.spent.minutes:,.0f}" if line.spent else "–")


def backtest(
    control: Annotated[str, typer.Argument(metavar="CONTROL", help="Which control, such as rate_above_card.")],
    tried: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A tolerance to try (docs/controls.md); may be given again. Default: the control's own."
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Try other tolerances of a control on history. What it would have found, and whether the clients disputed it; the ledger then says so.

    Example: plumbline controls backtest rate_above_card --set rounding=0.50
    """
    from dataclasses import asdict

    from records.known import Known
    from records.lake import Lake
    from training.control_trial import UnknownToleranceError, trial

    one, at = _named(control), instant(as_of)
    with working("trying"):
        try:
            found = trial(Known(Lake(home() / "lake"), until=at), one, dict(_assigned(text) for text in tried or ()))
        except UnknownToleranceError as error:
            raise Failure(str(error), 2, "usage") from error
    _keep(found, at)
    compared = {"as it is": found.as_is, "as tried": found.tried, "only as tried": found.appeared, "only as it is": found.vanished}
    if as_json:
        told = {name.replace(" ", "_"): {**asdict(each), "interval": each.disputed.interval} for name, each in compared.items()}
        emit({"control": control, "tolerances": dict(found.tolerances), **told})
        return
    title = f"{control} with {', '.join(f'{name} {value}' for name, value in found.tolerances.items()) or 'its own tolerances'}"
    show(
        title,
        ("", "findings", "money at stake", "invoices", "disputed later"),
        [_compared(name, each) for name, each in compared.items()],
        left=1,
    )


def _keep(found: "Trial", as_of: "datetime") -> None:
    from models.control_trials import KeptTrial, keep_trial

    lost = found.vanished
    counted = (found.as_is.findings, found.tried.findings, lost.findings, lost.disputed.number, lost.disputed.hits)
    keep_trial(home(), KeptTrial(found.control, found.tolerances, now(), as_of, *counted))


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


def _told(control: "Control", row: dict[str, Any], clauses: dict[str, str | None]) -> dict[str, Any]:
    """A finding as it is read outside: no engine units, no instants of knowledge."""
    from decimal import Decimal

    from records.known import ENTER, LEAVE, MONEY_SCALE

    shown = {name: value for name, value in row.items() if name not in {ENTER, LEAVE}}
    stake = (Decimal(row["difference"]) / MONEY_SCALE).quantize(Decimal("0.01"))
    clause = clauses.get(row["rests_on_id"]) if row["rests_on_table"] == "billing_guideline" else None
    words = {"clause": clause, "says": control.says, "clears": control.clears, "unit": control.unit}
    return {
        **shown,
        "severity": control.severity,
        "entity": control.entity,
        "entity_id": row[control.key],
        "difference": str(stake),
        **words,
    }
