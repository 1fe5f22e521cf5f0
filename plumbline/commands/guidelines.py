"""Clients' guideline documents: read, tried, compared, signed. Nothing of them counts before a second person has signed."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plumbline.console import AsJson, AsOf, Failure, Group, emit, home, instant, now, say, show, working

if TYPE_CHECKING:
    from controls.guidelines.document import Reading
    from controls.guidelines.review import Review
    from records.known import Known

guidelines = typer.Typer(
    cls=Group,
    help="Read, compare and sign clients' billing guidelines. A document becomes rules for the controls, each with examples.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="The document: YAML, or a letter in plain text.")]
Client = Annotated[str | None, typer.Option("--client", metavar="CLIENT", help="Key of the client, where the document does not say it.")]
OfClient = Annotated[str | None, typer.Option("--client", metavar="CLIENT", help="Key of one client. Default: all clients.")]
From = Annotated[
    str | None, typer.Option("--effective-on", metavar="DATE", help="First day on which it holds, where the document does not say it.")
]
Token = Annotated[str, typer.Option("--token", prompt="Token", hide_input=True, help="Your token; asked for where it is left out.")]


def add(app: typer.Typer) -> None:
    app.add_typer(guidelines, name="guidelines")


@guidelines.command()
def read(file: File, client: Client = None, effective_on: From = None, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Read a document into rules, without changing anything. Each has examples that its control confirms; what is left is listed.

    Example: plumbline guidelines read aldgate_rail_2023.yaml
    """
    from plumbline.guideline_telling import review_told, show_review

    found = _reviewed(file, client, effective_on, _records(as_of))
    if as_json:
        emit(review_told(found))
    else:
        show_review(found)
        say("it can be signed" if not found.obstacles else f"it cannot be signed: {len(found.obstacles)} to mend")
    if found.reading.faults:
        raise typer.Exit(4)


@guidelines.command()
def diff(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="DOCUMENT", help="The old one and the new one; or the new one alone, to hold against what is in force."),
    ],
    client: Client = None,
    effective_on: From = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Compare two documents, without changing anything. Their rules, and which findings appear or clear on open drafts, with their money.

    Example: plumbline guidelines diff aldgate_rail_2022.txt aldgate_rail_2023.yaml --as-of 2026-06-30
    """
    from controls.guidelines.changes import changes, effect
    from controls.guidelines.contradictions import placed
    from controls.guidelines.standing import Sign, rules_of, signed, standing_rows, with_signed
    from plumbline.guideline_telling import changes_told, effect_told, show_changes, show_effect
    from records.lake import Lake

    if len(files) > 2:  # noqa: PLR2004 - OLD and NEW
        raise Failure("diff takes one document or two", 2, "usage")
    documents = [_read(file, client, effective_on) for file in files]
    new = documents[-1]
    known, at = _needed(as_of)
    rows = standing_rows(known, at=at, client_id=new.client_id)
    old = placed(documents[0]) if len(documents) > 1 else rules_of(signed(rows))
    found = changes(old, placed(new))
    before: Lake = Lake(home() / "lake")
    with working("comparing"):
        # As if the old document had been signed just before the new one, which ends it.
        for document in documents[:-1]:
            before = with_signed(before, document, sign=Sign("", at, "", at - timedelta(microseconds=1)))
        done = effect(before, with_signed(before, new, sign=Sign("", at, "", at)), client_id=new.client_id, as_of=at)
    if as_json:
        emit({"client": new.client_id, "as_of": at, "changes": changes_told(found), "effect": effect_told(done)})
        return
    show_changes(found)
    show_effect(done)
    if new.effective_on > at.date():
        say(f"it holds from {new.effective_on}: work and drafts before that day are judged as before")


@guidelines.command()
def prepare(file: File, token: Token, client: Client = None, effective_on: From = None, as_json: AsJson = False) -> None:
    """Hand a document in, so that another person can sign it. Changes no control.

    Example: plumbline guidelines prepare aldgate_rail_2023.yaml
    """
    done = _step(file, token, client, effective_on, signing=False)
    if as_json:
        emit(done)
        return
    say("prepared; another person signs it with `plumbline guidelines sign`")


@guidelines.command()
def sign(file: File, token: Token, client: Client = None, effective_on: From = None, as_json: AsJson = False) -> None:
    """Sign a document that another person prepared. From now on the controls go by it. Nothing is written to the firm's systems.

    Example: plumbline guidelines sign aldgate_rail_2023.yaml
    """
    done = _step(file, token, client, effective_on, signing=True)
    if as_json:
        emit(done)
        return
    say(f"signed; {done['rules']} rules are known from now on")


@guidelines.command()
def check(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Look for guidelines that no control reads or that contradict. Of those in the records, each with what is wrong and how to mend it.

    Example: plumbline guidelines check
    """
    from dataclasses import asdict
    from itertools import groupby

    from controls.guidelines.contradictions import contradictions
    from controls.guidelines.standing import misfits, rules_of, standing_rows

    known, at = _needed(as_of)
    rows = standing_rows(known, at=at)
    if not rows and not as_json:
        say(f"there are no guidelines in the records as of {at:%Y-%m-%d %H:%M} UTC")
        return
    wrong = misfits(rows)
    ordered = sorted(rows, key=lambda row: (row["client_id"], row["guideline_id"]))
    apart = [
        (client, one) for client, own in groupby(ordered, key=lambda row: row["client_id"]) for one in contradictions(rules_of(list(own)))
    ]
    if as_json:
        told = [{"client_id": client, **{name: value for name, value in asdict(one).items() if name != "blocks"}} for client, one in apart]
        emit({"as_of": at, "guidelines": len(rows), "not_read": [asdict(one) for one in wrong], "contradictions": told})
        return
    if wrong:
        show(
            f"Of {len(rows)} guidelines: not read by any control as they stand",
            ("guideline", "client", "what is wrong", "how to mend it"),
            [(one.guideline_id, one.client_id, one.what, one.mend) for one in wrong],
            left=4,
        )
    else:
        say(f"every guideline in the records is read by a control: {len(rows)} as of {at:%Y-%m-%d %H:%M} UTC")
    if not apart:
        say("no two of them contradict each other")
    else:
        show("What does not go together", ("client", "where", "what"), [(c, f"{a.one} and {a.other}", a.what) for c, a in apart], left=3)


@guidelines.command()
def log(client: OfClient = None, as_json: AsJson = False) -> None:
    """List who prepared and who signed which document, and when.

    Example: plumbline guidelines log --client C0001
    """
    from dataclasses import asdict

    from service.database import open_engine, reading, upgrade
    from service.guideline_log import steps
    from service.settings import Settings

    engine = open_engine(Settings.from_environment().database)
    upgrade(engine)
    with reading(engine) as session:
        found = steps(session, client_id=client)
    engine.dispose()
    if as_json:
        emit({"steps": [asdict(one) for one in found]})
        return
    if not found:
        say("no document has been prepared or signed" + (f" of client {client}" if client else ""))
        return
    rows = [(f"{one.taken_at:%Y-%m-%d %H:%M} UTC", one.step, one.actor, one.client_id, one.file, one.digest[:12]) for one in found]
    show("Guideline documents", ("when", "step", "by", "client", "file", "digest"), rows, left=6)


def _step(file: Path, token: str, client: str | None, effective_on: str | None, *, signing: bool) -> dict[str, Any]:
    """Prepare or sign; what was done. Raises Failure."""
    from controls.guidelines.standing import TABLE, rows_of, standing_rows
    from plumbline.guideline_telling import review_told
    from records.known import Known
    from records.lake import Lake
    from service import guideline_log
    from service.auth import authenticate
    from service.database import open_engine, upgrade, writing
    from service.problems import Problem
    from service.settings import Settings

    at, lake = now(), Lake(home() / "lake")
    known = Known(lake, until=at)
    found = _reviewed(file, client, effective_on, (known, at))
    if found.obstacles:
        raise Failure(f"{file} cannot be {'signed' if signing else 'prepared'}: {'; '.join(found.obstacles)}", 3, "gate not met")
    told: list[dict[str, Any]] = [{"review": _plain(review_told(found))}]
    engine = open_engine(Settings.from_environment().database)
    upgrade(engine)
    try:
        with writing(engine) as session:
            actor = authenticate(session, token)
            if actor is None:
                raise Failure("the token is not in force", 2, "usage")
            if not signing:
                guideline_log.prepare(session, actor, reading=found.reading, file=file.name, told=told, now=at)
            else:
                signature = guideline_log.sign(session, actor, reading=found.reading, file=file.name, told=told, now=at)
                rows = standing_rows(known, at=at, client_id=found.reading.client_id)
                # Within the transaction: a signature is kept only once its rows are.
                lake.append(TABLE, rows_of(found.reading, rows, sign=signature))
    except Problem as problem:
        raise Failure(problem.detail, 3, "gate not met") from problem
    finally:
        engine.dispose()
    reading = found.reading
    step = "signed" if signing else "prepared"
    return {"step": step, "by": actor.name, "client": reading.client_id, "digest": reading.digest, "rules": len(reading.rules)}


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Days as text, as the database keeps them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def _read(file: Path, client: str | None, effective_on: str | None) -> "Reading":
    from controls.guidelines.document import UnreadableDocumentError
    from controls.guidelines.reading import read_document

    try:
        day = None if effective_on is None else date.fromisoformat(effective_on)
    except ValueError as error:
        raise Failure(f"--effective-on {effective_on}: write a date such as 2026-01-01", 2, "usage") from error
    try:
        return read_document(file.read_text("utf-8"), name=file.name, client=client, effective_on=day)
    except OSError as error:
        raise Failure(f"{file} cannot be opened: {error.strerror}", 2, "usage") from error
    except UnicodeDecodeError as error:
        raise Failure(f"{file} is no text in UTF-8; save it as that", 4, "data rejected") from error
    except UnreadableDocumentError as error:
        raise Failure(f"{file}: {error}", 4, "data rejected") from error


def _reviewed(file: Path, client: str | None, effective_on: str | None, records: "tuple[Known, datetime] | None") -> "Review":
    from controls.guidelines.review import review

    reading = _read(file, client, effective_on)
    known, at = records or (None, None)
    with working("trying"):
        return review(reading, known, at=at)


def _records(as_of: str | None) -> "tuple[Known, datetime] | None":
    """The records as known; None where there are none, so that a document can be read without."""
    from records.lake import Lake

    if as_of is None and not Lake(home() / "lake").versions():
        say("there are no records here: clients, contracts and guidelines were not looked at")
        return None
    return _needed(as_of)


def _needed(as_of: str | None) -> "tuple[Known, datetime]":
    from records.known import Known
    from records.lake import Lake

    at = instant(as_of)
    return Known(Lake(home() / "lake"), until=at), at
