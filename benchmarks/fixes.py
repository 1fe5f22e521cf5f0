"""The smallest fix of drafts with one injected error, beside what undoes that error.

  python -m benchmarks.fixes FIRM [FIRM ...]

FIRM is a folder that `plumbline simulate` wrote, with truth/ below it. Of its drafts with exactly one injected error some are drawn, and
each is fixed as it stood when it was drafted. The fix agrees with the truth when one of its changes makes of the draft what it would have
been without the error, to the record, column and value, and every other change clears a finding that stands on that counterfactual draft
too: short narratives, lacking receipts, what the firm's records have amiss without any error. Errors that leave no trace in the records
are counted apart. Some drafts without any error tell how often a fix is offered for nothing.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
from scipy.stats import binomtest

from benchmarks.undone import UNDONE, Error, undoes
from controls.catalog import standing
from models.bundle import Bundle
from models.dispute import DISPUTE
from models.fixes.draft import Draft, Ground, Judge, Judged, drafted
from models.fixes.smallest import Fix, smallest_fix
from models.numbers import framed, numbers
from models.prior import shipped
from records.held import Held
from records.intake import LAKE, import_folder
from records.known import Known
from records.lake import Lake
from records.tables import TABLES

NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)
LOOKED_AT: Final = timedelta(minutes=5)
"""After drafting: both halves of a split draft are there by then, and nobody has sent one."""
_WHOLE: Final = frozenset({"client", "person", "calendar_day", "fx_rate"})
"""Tables that a draft is judged with whole."""
_OF_CLIENT: Final = ("client_id", "project_id", "contract_id", "invoice_id")
_SHOWN: Final = 3
GOAL: Final = 0.8


class Office:
    """The records of a firm, from which a draft's client is taken as a firm of its own. Slow, and as plain as can be.

    Of the firm's own rates, such as that of all disputes, it has the client's share alone: alike before and after a change.
    """

    def __init__(self, lake: Lake) -> None:
        self.rows = {table: lake.read(table).collect() for table in TABLES}

    def records_of(self, client_id: str, *, until: datetime) -> dict[str, pl.DataFrame]:
        own: dict[str, pl.Series] = {"client_id": pl.Series([client_id])}
        for table in ("project", "contract", "invoice"):
            own[f"{table}_id"] = self.rows[table].filter(pl.col("client_id") == client_id)[f"{table}_id"].unique()
        found = {}
        for table, rows in self.rows.items():
            told = rows.filter(pl.col("recorded_at") <= until)
            names = [name for name in _OF_CLIENT if name in rows.columns]
            # What names nobody is everybody's, such as the standard card.
            owned = pl.any_horizontal(
                *(pl.col(name).is_in(own[name].implode()) for name in names), pl.all_horizontal(pl.col(names).is_null())
            )
            if table in _WHOLE or names:
                found[table] = told if table in _WHOLE else told.filter(owned)
        return found


def judge_of(records: dict[str, pl.DataFrame], bundle: Bundle, *, as_of: datetime) -> Judge:
    """Scores a draft by all controls and the model of disputes, from nothing each time."""

    def judge(draft: Draft) -> Judged:
        told = dict(records)
        for table, rows in draft.rows.items():
            key = [*TABLES[table].key, "recorded_at"]
            told[table] = pl.concat([records[table].join(rows, on=key, how="anti"), rows], how="diagonal_relaxed")
        known = Known(Held(told), until=as_of)
        frame = framed(known, DISPUTE, instants=[as_of]).filter(pl.col("invoice_id") == draft.invoice_id)
        found = standing(known, as_of).filter(pl.col("invoice_id") == draft.invoice_id)
        if frame.is_empty():
            return Judged(found, None)
        return Judged(found, float(numbers(DISPUTE, bundle, frame).probability[DISPUTE.decided_by.name][0]))

    return judge


@dataclass(frozen=True)
class Case:
    """One draft fixed. `kind` is empty where nothing was injected."""

    firm: str
    invoice_id: str
    kind: str
    line_id: str | None
    fix: Fix
    undoing: int | None
    """Which step undoes the error."""
    standing: tuple[str, ...]
    true_before: float | None
    """Probability of a dispute by the truth; without the error below."""
    true_after: float | None

    @property
    def besides(self) -> bool:
        """Whether every other step is for a finding that stands without the error too."""
        cured = set() if self.undoing is None else set(self.fix.steps[self.undoing].alone.clears)
        others = [step.change for place, step in enumerate(self.fix.steps) if place != self.undoing]
        return all(one.fits and cured.isdisjoint(one.fits) for one in others)

    @property
    def agrees(self) -> bool:
        return self.undoing is not None and self.besides


def cases(firm: Path, *, drafts: int, clean: int, kinds: Sequence[str]) -> Iterator[Case]:
    bundle = shipped(DISPUTE)
    with TemporaryDirectory() as home:
        import_folder(firm, Path(home), now=NOW)
        office = Office(Lake(Path(home) / LAKE))
    truth = pl.read_parquet(firm / "truth" / "fault.parquet")
    first = (
        office.rows["invoice"]
        .sort("recorded_at")
        .unique("invoice_id", keep="first", maintain_order=True)
        .select("invoice_id", "drafted_at")
    )
    alone = truth.filter(pl.len().over("invoice_id") == 1).join(first, on="invoice_id").sort(pl.col("invoice_id").hash(seed=drafts))
    none = first.join(truth, on="invoice_id", how="anti").sort(pl.col("invoice_id").hash(seed=clean)).head(clean)
    drawn = alone.head(drafts)
    asked = drawn.filter(pl.col("kind").is_in(kinds)) if kinds else drawn
    for row in [*asked.to_dicts(), *none.to_dicts()]:
        as_of = row["drafted_at"] + LOOKED_AT
        client = office.rows["invoice"].filter(pl.col("invoice_id") == row["invoice_id"])["client_id"][0]
        records = office.records_of(client, until=as_of)
        known = Known(Held(records), until=as_of)
        draft, judge = drafted(known, row["invoice_id"], as_of=as_of), judge_of(records, bundle, as_of=as_of)
        fix, ground = smallest_fix(draft, judge, known=known, as_of=as_of), Ground(known, draft, as_of=as_of)
        kind, line = row.get("kind", ""), row.get("line_id")
        error = Error(kind, line, office.rows["rate_card_line"])
        hits = [place for place, step in enumerate(fix.steps) if undoes(error, change=step.change, ground=ground)]
        stands = tuple(f"{one['control']}" for one in judge(draft).findings.to_dicts())
        true = (row.get("p_dispute"), row.get("p_dispute_repaired"))
        yield Case(firm.parent.name, row["invoice_id"], kind, line, fix, hits[0] if hits else None, stands, *true)


def table_of(found: list[Case]) -> str:
    """As Markdown: by kind, the share that agrees with its 95 % interval (Wilson), and of how many the fix is that one change alone."""
    traced = [one for one in found if one.kind in UNDONE]
    lines = ["| injected error | drafts | fix undoes it | 95 % | nothing else | passes |", "| --- | ---: | ---: | --- | ---: | ---: |"]
    groups = [("any that leaves a trace", traced), *((kind, [one for one in traced if one.kind == kind]) for kind in sorted(UNDONE))]
    for name, rows in groups:
        if not rows:
            continue
        agreed = sum(one.agrees for one in rows)
        within = binomtest(agreed, len(rows)).proportion_ci(method="wilson")
        sole = sum(one.agrees and len(one.fix.steps) == 1 for one in rows) / len(rows)
        passes = sum(one.fix.passes for one in rows) / len(rows)
        shown = f"{agreed / len(rows):.2f} | {within.low:.2f} to {within.high:.2f} | {sole:.2f} | {passes:.2f}"
        lines.append(f"| {name} | {len(rows)} | {shown} |")
    return "\n".join(lines)


def besides_of(found: list[Case]) -> str:
    untraced = [one for one in found if one.kind and one.kind not in UNDONE]
    clean = [one for one in found if not one.kind]
    moot = [one for one in clean if any(not step.change.fits for step in one.fix.steps)]
    kept = [sum(not one.fix.steps for one in rows) for rows in (untraced, clean)]
    said = [
        f"Errors without a trace in the records (wrong_contact): {len(untraced)} drafts, of which {kept[0]} are left as they are.",
        f"Drafts without an injected error: {len(clean)}; {kept[1]} are left as they are, {len(moot)} are changed without a finding.",
    ]
    return "\n".join(said)


def shown(one: Case) -> str:
    """One draft with its findings, its fix and the truth, as Markdown."""
    fix = one.fix
    lines = [f"### {one.kind.replace('_', ' ')}: draft {one.invoice_id} of {one.firm}", ""]
    lines += [
        f"Findings: {', '.join(dict.fromkeys(one.standing))}.",
        "",
        "| change | minutes | clears | likelihood alone |",
        "| --- | ---: | --- | ---: |",
    ]
    for step in fix.steps:
        cleared = ", ".join(dict.fromkeys(name for name, _, _ in step.alone.clears)) or "what the score alone knows"
        lines.append(f"| {step.change.says} | {step.change.minutes} | {cleared} | {_share(step.alone.probability)} |")
    chance = f"Likelihood {_share(fix.before.probability)} to {_share(fix.together.probability)}"
    told = f"{chance}, amount {fix.before.amount:,.2f} to {fix.together.amount:,.2f}."
    without = f"Truth: without the error {_share(one.true_before)} falls to {_share(one.true_after)}"
    truth = f"{without}; the fix {'undoes it' if one.agrees else 'is another'}."
    return "\n".join([*lines, "", told, truth])


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("firms", type=Path, nargs="+", help="folders that `plumbline simulate` wrote")
    arguments.add_argument("--drafts", type=int, default=120, help="drafts with one error, of each firm")
    arguments.add_argument("--clean", type=int, default=20, help="drafts without an error, of each firm")
    arguments.add_argument("--kinds", nargs="*", default=[], help="of the drafts that are drawn, those with these errors alone")
    arguments.add_argument("--misses", action="store_true", help="also print every draft whose fix is another")
    asked = arguments.parse_args()
    found: list[Case] = []
    for firm in asked.firms:
        found += cases(firm, drafts=asked.drafts, clean=asked.clean, kinds=asked.kinds)
        print(f"up to {firm.parent.name}", "", table_of(found), "", besides_of(found), "", sep="\n", flush=True)
    kinds = dict.fromkeys(one.kind for one in found if one.agrees and len(one.fix.steps) > 1) | dict.fromkeys(
        one.kind for one in found if one.agrees
    )
    for kind in list(kinds)[:_SHOWN]:
        print("", shown(next(one for one in found if one.kind == kind and one.agrees)), sep="\n")
    if asked.misses:
        for one in (one for one in found if one.kind in UNDONE and not one.agrees):
            print("", shown(one), sep="\n")


if __name__ == "__main__":
    main()
