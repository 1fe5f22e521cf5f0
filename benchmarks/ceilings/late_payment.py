"""The ceiling of late payment: what can be said of an open invoice by one who knows how clients pay, and sees the firm's tables alone.

A grid over each client's habit, spread and reaction to reminders, the likeliest calendars of its payment runs, the months in which it was
short of cash as a hidden two-state chain, and whether it has stopped paying for good. Evidence are the days of all payments, what is still
open, and the credit codes, all as known then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl

from benchmarks.ceilings.payment_odds import (
    CALENDAR_ODDS,
    CALENDARS,
    GRID,
    HABITS,
    REACTIONS,
    Calendar,
    Held,
    Items,
    held,
    paid_on,
    unpaid,
)
from records.known import DAY, ENTER, FOREVER, LEAVE, Known
from simulation.clients import (
    FALLING_SHARE,
    HABIT_SPREAD_DAYS,
    INSOLVENCY_PER_STRESSED_MONTH,
    RUN_DAYS,
    RUN_WEIGHTS,
    STRESS_ENTERS,
    STRESS_LEAVES,
)
from simulation.draws import Flags, Floats, Ints
from simulation.paying import DUNNING_AFTER_DAYS
from simulation.places import PLACES
from simulation.truth import VERY_LATE_DAYS

PAYS_AFTER: Final = -4.9
"""Middle of the range of firms (simulation/plan.py)."""
LIKELIEST: Final = 3
"""Calendars that are followed for each client; after a handful of payments one is left."""
ASTRAY: Final = np.log(1e-3)
"""For a payment outside a calendar's runs."""
CREDIT: Final = np.log(np.array([[0.077, 0.847, 0.075, 0.001], [0.001, 0.002, 0.4985, 0.4985]]))
"""Calm or short of cash x credit code A to D: the shares that the rounding of its noisy score gives."""
CREDIT_WEIGHT: Final = 0.5
"""The noise of a credit code stays for a quarter, so that three months tell less than three times what one does."""
CREDIT_LAG: Final = 2
SILENT_DAYS: Final = 30
"""The longest stretch between two payment runs: a shorter silence tells of nothing."""
FALLS_A_DAY: Final = FALLING_SHARE * INSOLVENCY_PER_STRESSED_MONTH * STRESS_ENTERS / (STRESS_ENTERS + STRESS_LEAVES) / 30
TURNS: Final = np.array([[1 - STRESS_ENTERS, STRESS_ENTERS], [STRESS_LEAVES, 1 - STRESS_LEAVES]])
CALM: Final = np.array([STRESS_LEAVES, STRESS_ENTERS]) / (STRESS_LEAVES + STRESS_ENTERS)


def ceiling(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows`: entity_id and as_of of open invoices. The same rows with `probability` of being more than 30 days late."""
    clients = {one.name: one for one in _clients(known)}
    owner = {invoice: one for one in clients.values() for invoice in one.invoices}
    told = rows.with_columns(client=pl.Series([owner[invoice].name for invoice in rows["entity_id"]]), at=pl.col("as_of").dt.epoch("us"))
    parts = []
    for (name, at), asked in told.group_by("client", "at", maintain_order=True):
        client = clients[str(name)]
        which = np.array([client.invoices[invoice] for invoice in asked["entity_id"]])
        parts.append(asked.select("entity_id", "as_of", probability=pl.lit(pl.Series(client.late(int(at), which)))))
    return pl.concat(parts)


@dataclass
class Client:
    """One client's invoices and what came to be known of them; what it says of a payment under a calendar is worked out once."""

    name: str
    mean: float
    """Expected habit, days past due."""
    invoices: dict[str, int]
    items: Items
    month: Ints
    """Of the due date, counted from 1970."""
    known_at: Ints
    """Microseconds: issued, and so on record as open."""
    gone_at: Ints
    """Cancelled."""
    disputed: pl.DataFrame
    """place, opened, resolved (days), opened_at, resolved_at (known, microseconds)."""
    paid: pl.DataFrame
    """place, day, enter, leave: each allocation while it stood."""
    codes: pl.DataFrame
    """enter, code."""
    odds: dict[Calendar, Floats] = field(default_factory=dict)

    def late(self, at: int, which: Ints) -> Floats:
        """Of the invoices `which`, all open at an instant: the probability of being more than 30 days late."""
        now = int((at - 1) // DAY)
        standing = self.paid.filter((pl.col(ENTER) <= at) & (at < pl.col(LEAVE)))
        first = standing.group_by("place").agg(pl.col("number").get(pl.col("day").arg_min()))
        asked, found, weights, fallen = self.items.take(which), [], [], []
        opened, resolved = self._disputes(at)
        for calendar, weight in self._calendars(standing["day"].unique().to_numpy()):
            evidence, first_month = self._evidence(at, now, calendar, first=first, opened=opened, stopped=now)
            posterior, total = _smoothed(evidence)
            here = posterior[self.month[which] - first_month]
            state = held(asked, day=now, opened=opened[which], resolved=resolved[which])
            still, then = (self._unpaid(asked, day, now, calendar, state) for day in (np.full(len(which), now), asked.due + VERY_LATE_DAYS))
            found.append((here * then / np.maximum(still, 1e-9)).reshape(len(which), -1).sum(axis=1))
            weights.append(weight + total)
            fallen.append(self._fallen(at, now, calendar, first=first, opened=opened, total=total))
        share = np.exp(np.array(weights) - max(weights))
        gone = np.average(fallen, weights=share)
        late = gone + (1 - gone) * np.average(np.array(found), axis=0, weights=share)
        return np.where(now >= asked.due + VERY_LATE_DAYS, 1.0, np.clip(late, 1e-4, 1 - 1e-4))

    def _unpaid(self, items: Items, day: Ints, now: int, calendar: Calendar, state: Held) -> Floats:
        return unpaid(items, day, now=now, calendar=calendar, mean=self.mean, dispute=state)

    def _disputes(self, at: int) -> tuple[Ints, Ints]:
        opened, resolved = (np.full(len(self.invoices), -1, dtype=np.int64) for _ in range(2))
        for place, begun, ended, begun_at, ended_at in self.disputed.iter_rows():
            if begun_at <= at:
                opened[place] = begun
                resolved[place] = ended if ended_at <= at else -1
        return opened, resolved

    def _calendars(self, days: Ints) -> list[tuple[Calendar, float]]:
        """The likeliest, each with the logarithm of its weight: those whose runs all payments fell on, the rarer the runs the better."""
        weights = np.array(
            [
                odds + float(np.sum(np.where(one.runs_on(days), np.log(one.days), ASTRAY)))
                for one, odds in zip(CALENDARS, CALENDAR_ODDS, strict=True)
            ]
        )
        best = np.argsort(-weights, kind="stable")[:LIKELIEST]
        # The likelihood of the days given the runs is counted with the habit; here stands only which runs there are.
        matched = [float(np.sum(np.where(CALENDARS[one].runs_on(days), 0.0, ASTRAY)) + CALENDAR_ODDS[one]) for one in best]
        return [(CALENDARS[one], odds) for one, odds in zip(best, matched, strict=True)]

    def _fallen(self, at: int, now: int, calendar: Calendar, *, first: pl.DataFrame, opened: Ints, total: float) -> float:
        """The probability that the client has stopped paying for good some day since its last payment. `total`: evidence if it has not."""
        last = int(self.paid["day"].gather(first["number"].to_numpy()).max() or self.items.issued.min())  # type: ignore[arg-type]
        if now - last < SILENT_DAYS:
            return 0.0
        days = np.linspace(last + 1, now - 1, 3).astype(np.int64)
        odds = [_smoothed(self._evidence(at, now, calendar, first=first, opened=opened, stopped=int(day))[0])[1] - total for day in days]
        fell = FALLS_A_DAY * (now - last) * float(np.mean(np.exp(np.minimum(odds, 50))))
        return fell / (1 + fell)

    def _evidence(self, at: int, now: int, calendar: Calendar, *, first: pl.DataFrame, opened: Ints, stopped: int) -> tuple[Floats, int]:
        """Months x GRID: log likelihood of what is known, by the month that an invoice is due in, or that a credit code tells of.

        `stopped`: the day from which nothing was paid any more, whatever the invoices.
        """
        if calendar not in self.odds:
            items = self.items.take(self.paid["place"].to_numpy())
            self.odds[calendar] = paid_on(items, self.paid["day"].to_numpy(), calendar=calendar, mean=self.mean)
        begin, end = int(self.month.min()), int(max(self.month.max(), _month(now)))
        found = np.zeros((end - begin + 1, *GRID))
        undisputed = first.filter(~pl.lit(pl.Series(opened >= 0)).gather(pl.col("place")))
        place, number = undisputed["place"].to_numpy(), undisputed["number"].to_numpy()
        np.add.at(found, self.month[place] - begin, self.odds[calendar][number])
        open_now: Flags = (self.known_at <= at) & (at < self.gone_at) & (opened < 0)
        open_now[first["place"].to_numpy()] = False
        if (which := np.flatnonzero(open_now)).size:
            items = self.items.take(which)
            nobody = np.full(len(which), -1, dtype=np.int64)
            # What was paid in the last days may not be booked yet.
            still = self._unpaid(
                items, np.full(len(which), min(now, stopped) - 1), now, calendar, held(items, day=now, opened=nobody, resolved=nobody)
            )
            np.add.at(found, self.month[which] - begin, np.log(np.maximum(still, 1e-9)))
        for enter, code in self.codes.iter_rows():
            told = _month(enter // DAY) - CREDIT_LAG - begin
            if enter <= at and 0 <= told < len(found):
                found[told] += CREDIT_WEIGHT * CREDIT[:, code]
        return found, begin


def _smoothed(evidence: Floats) -> tuple[Floats, float]:
    """Months x GRID: the posterior given all months, the stress a chain and the rest fixed; and the logarithm of the evidence."""
    highest = evidence.max(axis=(1, 2, 3, 4))
    likely = np.exp(evidence - highest[:, None, None, None, None])
    habit = np.exp(-0.5 * (HABITS / HABIT_SPREAD_DAYS) ** 2)
    fixed = habit[:, None, None] * REACTIONS[None, None, :] * np.ones(GRID[:3])
    state = (fixed / fixed.sum())[..., None] * CALM
    total, ahead = float(highest.sum()), np.empty_like(likely)
    for month, one in enumerate(likely):
        state = (state @ TURNS if month else state) * one
        total += float(np.log(state.sum()))
        state = state / state.sum()
        ahead[month] = state
    behind = np.ones(GRID)
    for month in range(len(likely) - 2, -1, -1):
        behind = (behind * likely[month + 1]) @ TURNS.T
        behind = behind / behind.max()
        ahead[month] *= behind
    return ahead / ahead.sum(axis=(1, 2, 3, 4), keepdims=True), total


def _month(day: int) -> int:
    return int(np.datetime64(int(day), "D").astype("datetime64[M]").astype(np.int64))


def _clients(known: Known) -> Iterator[Client]:
    invoices = _invoices(known)
    paid, disputed = _paid(known), _disputed(known)
    acted = known.versions("collection_activity").frame.select("invoice_id", "level").drop_nulls().unique().collect()
    countries, codes = _of_clients(known)
    usual = sum(place.weight * place.habit_days for place in PLACES)
    waits = sum(days * weight for days, weight in zip(RUN_DAYS, RUN_WEIGHTS, strict=True)) / 2
    by_country = {place.code: place.habit_days - usual - waits + PAYS_AFTER for place in PLACES}
    for (name,), own in invoices.group_by("client_id", maintain_order=True):
        places = {invoice: place for place, invoice in enumerate(own["invoice_id"])}
        where = own.select("invoice_id").with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
        steps = np.zeros((own.height, len(DUNNING_AFTER_DAYS)), dtype=bool)
        taken = acted.join(where, on="invoice_id")
        steps[taken["place"].to_numpy(), taken["level"].to_numpy() - 1] = True
        due = own["due"].to_numpy()
        yield Client(
            name=str(name),
            mean=by_country.get(countries.get(str(name), ""), -waits + PAYS_AFTER),
            invoices=places,
            items=Items(due, own["issued"].to_numpy(), own["net"].to_numpy(), steps),
            month=due.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64),
            known_at=own["known_at"].to_numpy(),
            gone_at=own["gone_at"].to_numpy(),
            disputed=disputed.join(where, on="invoice_id").select("place", "opened", "resolved", "opened_at", "resolved_at"),
            paid=paid.join(where, on="invoice_id")
            .sort("place", ENTER)
            .with_row_index("number")
            .with_columns(pl.col("number").cast(pl.Int64)),
            codes=codes.filter(pl.col("client_id") == name).select(ENTER, "code"),
        )


def _invoices(known: Known) -> pl.DataFrame:
    rows = known.versions("invoice").frame.filter(
        (pl.col("kind") == "invoice") & pl.col("due_on").is_not_null() & pl.col("issued_on").is_not_null()
    )
    days = {name: pl.col(f"{name}_on").cast(pl.Int32).cast(pl.Int64) for name in ("due", "issued")}
    told = rows.sort(ENTER).group_by("invoice_id", maintain_order=True).agg(
        pl.col("client_id").last(), pl.col("due_on", "issued_on").last(), net=pl.col("net_amount").last() / 100,
        known_at=pl.col("issued_on_known").min(), gone_at=pl.col("cancelled_at_known").min().fill_null(FOREVER),
    )  # fmt: skip
    return told.with_columns(**days).sort("client_id", "invoice_id").collect()


def _paid(known: Known) -> pl.DataFrame:
    received = known.versions("payment").frame.group_by("payment_id").agg(pl.col("received_on").first())
    spans = known.facts("payment_allocation", until=("reversed_on",), take=("invoice_id", "payment_id")).frame
    day = pl.col("received_on").cast(pl.Int32).cast(pl.Int64)
    return spans.join(received, on="payment_id").select("invoice_id", ENTER, LEAVE, day=day).collect()


def _disputed(known: Known) -> pl.DataFrame:
    rows = known.versions("dispute").frame.group_by("invoice_id").agg(
        opened_at=pl.col(ENTER).min(), opened=pl.col("opened_at").min() // DAY,
        resolved_at=pl.col("resolved_at_known").max().fill_null(FOREVER), resolved=(pl.col("resolved_at").max() // DAY).fill_null(-1),
    )  # fmt: skip
    return rows.collect()


def _of_clients(known: Known) -> tuple[dict[str, str], pl.DataFrame]:
    """Country by client; and the credit code of each month, as it stood."""
    rows = known.versions("client").frame.sort("client_id", ENTER).select("client_id", "country", "credit_code", ENTER, LEAVE).collect()
    countries = dict(rows.drop_nulls("country").select("client_id", "country").iter_rows())
    code = pl.col("credit_code").replace_strict({name: place for place, name in enumerate("ABCD")}, default=None, return_dtype=pl.Int64)
    coded = rows.with_columns(code=code).drop_nulls("code")
    ends = pl.min_horizontal(LEAVE, pl.lit(known.until).dt.epoch("us"))
    months = pl.datetime_ranges(
        pl.from_epoch(ENTER, time_unit="us").dt.truncate("1mo").dt.offset_by("1mo"), pl.from_epoch(ends, time_unit="us"), interval="1mo"
    )
    told = coded.with_columns(month=months).explode("month").drop_nulls("month")
    return countries, told.select("client_id", "code", pl.col("month").dt.epoch("us").alias(ENTER))
