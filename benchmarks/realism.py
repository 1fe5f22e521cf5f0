"""Holds five simulated firms against published figures: writes docs/realism.md and its pictures in docs/realism/.

Run it from the checkout, after any change to simulation/: .venv/bin/python -m benchmarks.realism
It takes about a minute. tests/simulation/test_realism.py fails while the page shows other numbers than the firms have.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from benchmarks.pictures import Firm, draw, save
from simulation.figures import RANGES, charged_time, due_invoices, figures, finished, first_entries
from simulation.firm import simulate

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
SEEDS: Final = (7, 8, 9, 10, 11)
FURTHER: Final = tuple(range(27, 42))
"""Firms after a look at which no range and no mechanism was changed; 12 to 26 were looked at before."""
PEOPLE, MONTHS = 120, 24

PICTURES: Final = {
    "late": """Share late

Surveys ask firms what share of their sales is paid late; Xero counted 7.5 million British invoices of small firms. None is about
professional services alone, and one survey's share moves by ten points between years. No source gives the share more than 30 days late:
8–18 % is a judgement from the shape of the tails.""",
    "delay": """Delay

Xero's 7.3 days is a mean over all invoices, early ones included, as here. Its 64 days for the late ones among 30-day invoices do not go
with a share of 8–18 % more than 30 days late: were lateness exponential, a fifth would be. So the late ones here take less
(`days_to_pay_30d_late`), and the mean lies in the lower half of its range.""",
    "disputes": """Disputes

The weakest numbers of this page: the rate comes from guides that say what is acceptable, not from a count, and the reasons from one
vendor's page. The vendor counts duplicates as administration; here a client who finds hours twice objects to the quantity.""",
    "utilisation": """Utilisation

SPI surveys firms once a year, about billable staff; months are not published. Holidays and leave take time from charged and other work
alike, so the ratio has no season here.""",
    "margin": """Margin drift

SPI publishes a mean margin and the share of projects on time, nothing on how far margins fall; 18–30 % with five points or more lost is
read from the quarter that is not on time. Work charged by the hour falls least, since most of an overrun is billed; fees carry it
themselves. Studies of large contracts find forecasts within a tenth of the final cost only past half-way (Defense ARJ 32(1), 2025).""",
    "missing": """Missing time

40 % “never on time or accurate” is a survey at second hand and mixes two things, so the range of 6–18 % of weeks is a judgement. Nothing
is published by weekday: a week that is not closed lacks its last days, so Friday is missing most. That lateness is log-normal is an
assumption, to which the test holds the mechanism.""",
    "amendments": """Signing of amendments

No figure is published. The lag is even between 3 and 60 days by assumption; what matters is that it is weeks, in which drafts are made
while the records still show rates that no longer hold. [One client's story](story.md) follows such a cut.""",
}
"""By picture: its heading, and how far the published figures beside it can be trusted."""


def simulated(directory: Path, seed: int) -> Path:
    simulate(directory, people=PEOPLE, months=MONTHS, seed=seed)
    return directory


def firm(directory: Path, seed: int) -> Firm:
    amended = pl.read_csv(directory / "contract_amendment.csv", try_parse_dates=True)
    return Firm(
        seed=seed,
        figures=figures(directory),
        due=due_invoices(directory),
        finished=finished(directory),
        entries=first_entries(directory),
        time=charged_time(directory),
        forecasts=_forecasts(directory),
        signing_days=(amended["signed_on"] - amended["effective_on"]).dt.total_days().drop_nulls(),
    )


def _forecasts(directory: Path) -> pl.DataFrame:
    """Of each status report of a finished project: share of its time elapsed, and effort forecast over what it took, less one."""
    worked = pl.read_parquet(directory / "time_entry.parquet").sort("recorded_at").unique("entry_id", keep="last")
    daily = worked.group_by("project_id", "worked_on").agg(pl.col("minutes").sum()).sort("worked_on")
    daily = daily.with_columns(done=pl.col("minutes").cum_sum().over("project_id"))
    whole = worked.group_by("project_id").agg(took=pl.col("minutes").sum(), starts_on=pl.col("worked_on").min())
    ends = finished(directory).select("project_id", "ends_on").join(whole, on="project_id")
    told = pl.read_csv(directory / "project_status.csv", try_parse_dates=True).select("project_id", "reported_on", "remaining_minutes")
    told = told.join(ends, on="project_id").sort("reported_on")
    told = told.join_asof(daily, left_on="reported_on", right_on="worked_on", by="project_id", check_sortedness=False)
    elapsed = (pl.col("reported_on") - pl.col("starts_on")).dt.total_days() / (pl.col("ends_on") - pl.col("starts_on")).dt.total_days()
    gap = (pl.col("done").fill_null(0) + pl.col("remaining_minutes")) / pl.col("took") - 1
    return told.select(elapsed=elapsed, gap=gap)


def table(firms: list[Firm]) -> str:
    head = ["figure", "range", *(f"seed {each.seed}" for each in firms), "published"]
    rows = [head, ["---"] * len(head)]
    for name, allowed in RANGES.items():
        measured = [f"{each.figures[name]:.3f}" for each in firms]
        rows.append([name, f"{allowed.low:g} to {allowed.high:g}", *measured, allowed.published])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def outside(further: dict[int, dict[str, float]]) -> str:
    """The figures of further firms that lie outside their range, in words."""
    found = [
        f"`{name}` of seed {seed}, {measured[name]:.3f}"
        for seed, measured in further.items()
        for name, allowed in RANGES.items()
        if not allowed.low <= measured[name] <= allowed.high
    ]
    seeds = f"seeds {min(further)} to {max(further)}"
    said = f"Of the {len(further) * len(RANGES)} figures of {len(further)} further firms ({seeds}), {len(found)} lie outside their range"
    return "\n".join([f"{said}:\n", *(f"- {each}" for each in found)]) if found else f"{said}."


def unlike(firms: list[Firm], directories: list[Path]) -> str:
    """What the published figures say and the simulator does not do."""
    due = pl.concat([each.due.select("late", "due_on") for each in firms])
    quarters = due.group_by(quarter=pl.col("due_on").dt.quarter()).agg(pl.col("late").mean()).sort("quarter")["late"]
    late = ", ".join(f"{100 * share:.0f}" for share in quarters)
    collected = [100 * _collected(each.due, directory) for each, directory in zip(firms, directories, strict=True)]
    slow = [each.figures["days_to_pay_30d_late"] for each in firms]
    return f"""- **Season.** Xero finds the first quarter worst. Here payment has no season: {late} % late, by quarter.
- **Collection.** Clio's small law firms collected 86 % of what they billed. Here {min(collected):.0f} to {max(collected):.0f} % comes in:
  losses of 0.3–2 % and credits after disputes are all that can be lost. Reductions at payment, usual with law firms, are not simulated.
- **Late ones.** Late 30-day invoices are paid after {min(slow):.0f} to {max(slow):.0f} days, not after Xero's 64.
- **Firms are alike.** Most figures of the five firms lie closer together than the ranges are wide, so a model that fits these firms
  has not been tried at the ends of the ranges."""


def _collected(due: pl.DataFrame, directory: Path) -> float:
    allocated = pl.read_csv(directory / "payment_allocation.csv", try_parse_dates=True, infer_schema_length=None)
    received = allocated.filter(pl.col("reversed_on").is_null()).join(due, on="invoice_id", how="semi")["amount"].sum()
    return float(received) / float(due["gross"].sum())


def page(firms: list[Firm], further: dict[int, dict[str, float]], *, directories: list[Path], messages: dict[str, str]) -> str:
    parts = {name: said.split("\n\n", 1) for name, said in PICTURES.items()}
    sections = "\n".join(f"### {heading}\n\n![{messages[name]}](realism/{name}.svg)\n\n{said}\n" for name, (heading, said) in parts.items())
    return f"""# Realism

Simulated firms of {PEOPLE} people over {MONTHS} months beside what has been published about real ones. Written by `benchmarks/realism.py`.
The ranges are in `simulation/figures.py`, and `tests/simulation/test_realism.py` holds each firm to each of them. Every firm draws its own
traits; none is tuned to a point, since most published figures are surveys or pages of vendors.

## Figures

{table(firms)}

Late figures leave out invoices due in the last sixty days. Realisation is what finished projects billed without drafting errors over their
time at agreed rates. Utilisation is charged minutes over all minutes of fee earners. Lateness is that of weeks missing at the deadline:
`lateness_fit` is the correlation of its logarithm with the normal's quantiles, `lateness_skew` the skewness of the logarithm.

{outside(further)}

No range and no mechanism has been changed after a look at these further firms.

## Pictures

{sections}
## Where the simulator is unlike what was published

{unlike(firms, directories)}
"""


def main() -> int:
    with TemporaryDirectory() as home:
        directories = [simulated(Path(home) / str(seed), seed) for seed in SEEDS]
        firms = [firm(directory, seed) for directory, seed in zip(directories, SEEDS, strict=True)]
        further = {seed: figures(simulated(Path(home) / "further", seed)) for seed in FURTHER}
        pictures = draw(firms)
        messages = {name: figure.get_suptitle() for name, figure in pictures.items()}
        (DOCS / "realism").mkdir(exist_ok=True)
        for name, figure in pictures.items():
            save(figure, DOCS / "realism" / f"{name}.svg")
        text = page(firms, further, directories=directories, messages=messages)
        (DOCS / "realism.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
