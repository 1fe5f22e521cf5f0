"""The simple rules that a model is held against, each from what the firm's own tables showed at the instant of scoring.

The records pass through the product's own intake and point-in-time code, so a rule sees what the product saw and nothing later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from benchmarks.truths import INSTANT, QualityError
from features import clients, findings, invoices, payments
from features.feature import Feature
from features.frame import build
from features.windows import AS_OF, Aggregate, aggregate
from models.catalog import risk_named
from models.currency import exchange
from models.spine import at_instants
from records.intake import LAKE, import_folder
from records.known import DAY, ENTER, FOREVER, LEAVE, MONEY_SCALE, Facts, Known
from records.lake import Lake
from records.reading import SUFFIXES
from records.refusal import IntakeError

DEADLINE_HOURS: Final = 7 * 24 + 12
"""Of a week's time sheet, from the Monday on which the week begins: the Monday after it, 12:00 UTC (docs/simulation.md)."""
PRIOR_WEEKS: Final = 8
"""Weight of the team's rate in a person's, and of the firm's in a team's: two months of weeks, before which a rate is mostly chance."""


@dataclass(frozen=True)
class Rule:
    """A score that needs no training; higher is likelier."""

    risk: str
    name: str
    score: pl.Expr
    """Over the columns of GROUNDS, and `stake`."""
    likelihood: bool
    """Whether it is a probability; money is then ranked by it x stake."""


RULES: Final[tuple[Rule, ...]] = (
    Rule("collections", "amount only", pl.col("stake"), likelihood=False),
    Rule("collections", "firm's own rate (no ranking)", pl.col("firm_rate"), likelihood=True),
    Rule("collections", "client's own rate", pl.col("client_rate"), likelihood=True),
    Rule("collections", "mean days late x amount", pl.col("client_days_late_mean_365d").fill_null(0) * pl.col("stake"), likelihood=False),
    Rule("collections", "client's oldest overdue", pl.col("client_oldest_overdue_days"), likelihood=False),
    Rule("collections", "invoice's days overdue", -pl.col("invoice_days_to_due"), likelihood=False),
    Rule("dispute", "amount only", pl.col("stake"), likelihood=False),
    Rule("dispute", "firm's own rate (no ranking)", pl.col("firm_rate"), likelihood=True),
    Rule("dispute", "client's own rate", pl.col("client_rate"), likelihood=True),
    Rule("dispute", "errors that controls find", pl.col("invoice_errors"), likelihood=False),
    Rule("missing_time", "firm's own rate (no ranking)", pl.col("firm_rate"), likelihood=True),
    Rule("missing_time", "team's rate", pl.col("team_rate"), likelihood=True),
    Rule("missing_time", "person's own rate", pl.col("person_rate"), likelihood=True),
    Rule("margin", "plan (no ranking)", pl.lit(0.0), likelihood=False),
    Rule("margin", "CPI (earned over actual cost)", -pl.col("cpi"), likelihood=False),
)


def rules_of(risk: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.risk == risk)


Grounds = Callable[[Known, pl.DataFrame, str], pl.DataFrame]
"""(records, scored rows with entity_id and as_of, target) -> entity_id, as_of, cluster and the columns of the rules."""


def invoice_grounds(
    known: Known, rows: pl.DataFrame, risk_name: str, *, rate: Feature, stages: list[str], more: tuple[Feature, ...] = ()
) -> pl.DataFrame:
    """Every invoice at risk and of these stages, at each instant of the rows."""
    spine = at_instants(known, risk_named(risk_name), rows["as_of"].unique().sort().to_list()).filter(pl.col("stage").is_in(stages))
    shown = (rate, payments.client_days_late_mean_365d, payments.client_oldest_overdue_days, invoices.invoice_days_to_due, *more)
    frame = build(known, spine, list(shown))
    # Of a client without any record, a smoothed rate says what the firm's own is.
    firm = build(known, spine.with_columns(client_id=pl.lit("")), [rate])[rate.name]
    return (
        frame.with_columns(firm.alias("firm_rate"))
        .rename({"invoice_id": "entity_id", rate.name: "client_rate"})
        .pipe(_clustered, "client_id")
    )


def collections_grounds(known: Known, rows: pl.DataFrame, target: str) -> pl.DataFrame:
    rate = next(one.rule for one in risk_named("collections").targets if one.name == target)
    return invoice_grounds(known, rows, "collections", rate=rate, stages=["open"])


def dispute_grounds(known: Known, rows: pl.DataFrame, _target: str) -> pl.DataFrame:
    """Drafts alone: what has been sent and not disputed since is no longer as likely as its draft was."""
    return invoice_grounds(known, rows, "dispute", rate=clients.client_dispute_rate, stages=["draft"], more=(findings.invoice_errors,))


def missing_time_grounds(known: Known, rows: pl.DataFrame, _target: str) -> pl.DataFrame:
    """How often the person's, the team's and the firm's weeks had time entered after the deadline, as far as it had come in by then."""
    teams = known.versions("person").frame.sort(ENTER).unique("person_id", keep="first").select("person_id", "practice").collect()
    spine = rows.select("entity_id", pl.col("as_of").dt.epoch("us").alias(AS_OF), person_id=pl.col("entity_id").str.split(":").list.first())
    spine = spine.join(teams, on="person_id", how="left", maintain_order="left")
    weeks = _weeks(known, teams)
    counts = {(what, by): Aggregate(facts, "sum", by=by) for what, facts in weeks.items() for by in ("person_id", "practice", None)}
    found = aggregate(spine, list(counts.values()))
    count = {of: pl.col(one.name).fill_null(0) for of, one in counts.items()}
    firm = (count["late", None] + 0.5) / (count["seen", None] + 1)
    team = (count["late", "practice"] + firm * PRIOR_WEEKS) / (count["seen", "practice"] + PRIOR_WEEKS)
    person = (count["late", "person_id"] + team * PRIOR_WEEKS) / (count["seen", "person_id"] + PRIOR_WEEKS)
    return found.with_columns(firm_rate=firm, team_rate=team, person_rate=person).pipe(_clustered, "person_id")


def _weeks(known: Known, teams: pl.DataFrame) -> dict[str, Facts]:
    """Person-weeks of which time is known once their deadline has passed, and those of them with time that came after it."""
    entries = known.versions("time_entry").frame.group_by("entry_id").agg(pl.col("person_id", "worked_on").first(), pl.col(ENTER).min())
    monday = pl.col("worked_on").dt.truncate("1w").cast(pl.Int32).cast(pl.Int64)
    dated = entries.with_columns(deadline=monday * DAY + DEADLINE_HOURS * DAY // 24)
    weeks = dated.group_by("person_id", "deadline").agg(
        seen=pl.max_horizontal("deadline", ENTER).min(), late=pl.col(ENTER).filter(pl.col(ENTER) > pl.col("deadline")).min()
    )
    held = weeks.join(teams.lazy(), on="person_id", how="left").with_columns(pl.lit(FOREVER).alias(LEAVE)).collect().lazy()
    return {what: Facts(f"weeks.{what}", held.drop_nulls(what).with_columns(pl.col(what).alias(ENTER))) for what in ("seen", "late")}


def margin_grounds(known: Known, rows: pl.DataFrame, _target: str) -> pl.DataFrame:
    """Cost performance: what the last report says is done, at the cost that the budget gave it, over the cost of the time so far."""
    spine = rows.select("entity_id", pl.col("as_of").dt.epoch("us").alias(AS_OF), project_id="entity_id")
    hours = known.versions("time_entry").frame.filter(pl.col("cost_per_hour").is_not_null())
    cost = Aggregate(
        Facts("worked", hours.with_columns(cost=pl.col("minutes") * pl.col("cost_per_hour") // 60)), "sum", "cost", "project_id"
    )
    found = aggregate(spine, [cost])
    for table, column in (("project_budget", "cost_amount"), ("project_status", "percent_complete")):
        states = known.versions(table).frame.drop_nulls(column).select("project_id", column, at=ENTER).sort("at").collect()
        found = found.sort(AS_OF).join_asof(states, left_on=AS_OF, right_on="at", by="project_id", check_sortedness=False).drop("at")
    earned = pl.col("cost_amount") * pl.col("percent_complete") / (100 * MONEY_SCALE)
    # Where nothing is spent or reported yet, the plan is all that there is.
    cpi = pl.when(pl.col(cost.name) > 0).then(earned / pl.col(cost.name)).fill_null(1.0)
    return found.with_columns(cpi=cpi).pipe(_clustered, "project_id")


def _clustered(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    at = pl.from_epoch(AS_OF, time_unit="us").dt.replace_time_zone("UTC").cast(INSTANT)
    return frame.with_columns(at.alias("as_of"), pl.col(by).alias("cluster"))


_INVOICES: Final = ("client", "contract", "project", "invoice", "dispute", "payment", "payment_allocation", "credit_adjustment")
_CHECKED: Final = (
    *(*_INVOICES, "invoice_line", "time_entry", "expense", "milestone", "rate_card_line", "billing_guideline", "contract_amendment"),
    *("person", "assignment", "absence", "calendar_day"),
)
"""What controls read of an invoice and what stands behind it."""
GROUNDS: Final[dict[str, tuple[Grounds, tuple[str, ...]]]] = {
    "collections": (collections_grounds, _INVOICES),
    "dispute": (dispute_grounds, _CHECKED),
    "missing_time": (missing_time_grounds, ("person", "time_entry")),
    "margin": (margin_grounds, ("project_budget", "project_status", "time_entry")),
}
"""By risk: what makes the columns of its rules, and the tables that it reads."""


def read_records(folder: Path, risks: list[str], *, home: Path, until: datetime) -> Known:
    """The firm's tables that the rules of these risks need, as the product reads them, in a lake below `home`. Raises QualityError."""
    wanted = {"fx_rate", *(table for risk in risks for table in GROUNDS[risk][1])}
    with TemporaryDirectory() as beside:
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if any(file.name == f"{table}{suffix}" for table in wanted for suffix in SUFFIXES):
                (Path(beside) / file.name).symlink_to(file.resolve())
        try:
            import_folder(Path(beside), home, now=datetime.now(UTC))
        except IntakeError as error:
            raise QualityError(f"{folder} holds none of {', '.join(sorted(wanted))}: name the folder that was simulated") from error
    return Known(Lake(home / LAKE), until=until)


def in_one_currency(known: Known, rows: pl.DataFrame) -> tuple[pl.DataFrame, str, tuple[str, ...]]:
    """The rows with `stake` in the most frequent currency, at the rates known at each instant; that currency; those without a rate."""
    counted = rows["currency"].drop_nulls().value_counts().sort("count", "currency", descending=[True, False])["currency"].to_list()
    rates, missing = [], set()
    for at in rows["as_of"].unique().sort():
        found = exchange(known, counted, as_of=at, reporting=None)
        rates += [(at, currency, float(found.rates.get(currency, 1))) for currency in counted]
        missing |= set(found.missing)
    table = pl.DataFrame(rates, schema={"as_of": INSTANT, "currency": pl.String, "rate": pl.Float64}, orient="row")
    staked = rows.join(table, on=["as_of", "currency"], how="left", maintain_order="left")
    stake = (pl.col("amount_at_stake") * pl.col("rate").fill_null(1.0)).fill_null(0.0)
    return staked.with_columns(stake.alias("stake")).drop("rate"), counted[0] if counted else "", tuple(sorted(missing))
