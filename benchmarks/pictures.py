"""The pictures of docs/realism.md: measured values of each firm beside the published range. Drawn by benchmarks/realism.py."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulation.figures import CONTRACTS, RANGES, REASONS

INK, GREY, PAPER = "#1d2b36", "#7a8791", "#ffffff"
BAND, LABEL, PALE, MARK = "#dbe6ee", "#4f7490", "#a9c3d6", "#b3541e"
"""Of an allowed range and its label, of bars, and of what is published."""
FIRMS: Final = ("#1f5a85", "#3d86b4", "#6aa84f", "#8e6bb0", "#5c6770")
"""One colour a firm, the same in every picture."""
STYLE: Final[dict[Any, Any]] = {
    "font.family": "DejaVu Sans", "font.size": 9, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": GREY, "xtick.color": INK,
    "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7, "figure.facecolor": PAPER,
    "axes.facecolor": PAPER, "savefig.facecolor": PAPER, "svg.hashsalt": "plumbline", "axes.titlesize": 9, "axes.titlelocation": "left",
}  # fmt: skip
FALL: Final = -5
"""Points of margin by which a project counts as fallen."""
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@dataclass(frozen=True)
class Firm:
    """What is drawn of one simulated firm; the frames are those of simulation/figures.py."""

    seed: int
    figures: dict[str, float]
    due: pl.DataFrame
    finished: pl.DataFrame
    entries: pl.DataFrame
    time: pl.DataFrame
    forecasts: pl.DataFrame
    """A status report of a finished project: `elapsed` (0-1), `gap` (effort forecast over what it took, less one)."""
    signing_days: pl.Series


def draw(firms: list[Firm]) -> dict[str, Figure]:
    """By file name. Titles state what the measured values say, so they change with them."""
    with mpl.rc_context(STYLE):
        return {
            "late": _late(firms), "delay": _delay(firms), "disputes": _disputes(firms), "utilisation": _utilisation(firms),
            "margin": _margin(firms), "missing": _missing(firms), "amendments": _amendments(firms),
        }  # fmt: skip


def save(figure: Figure, path: Path) -> None:
    with mpl.rc_context(STYLE):
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=170)
    plt.close(figure)


def _page(title: str, widths: tuple[float, ...] = (1,), *, height: float = 2.7) -> tuple[Figure, list[Axes]]:
    figure, axes = plt.subplots(1, len(widths), figsize=(8.4, height), layout="constrained", width_ratios=widths, squeeze=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5, fontweight="bold", color=INK)
    return figure, list(axes[0])


def _seeds(axes: Axes, firms: list[Firm], *, height: float = 1.02) -> None:
    """The seeds, each in its firm's colour, at the right of the axes."""
    words = axes.annotate("seed", (1, height), xytext=(-len(firms) * 17 - 28, 0), xycoords="axes fraction", textcoords="offset points")
    words.set(color=GREY, va="bottom")
    for number, firm in enumerate(firms):
        place = ((number - len(firms)) * 17 + 14, 0)
        word = axes.annotate(str(firm.seed), (1, height), xytext=place, xycoords="axes fraction", textcoords="offset points")
        word.set(color=FIRMS[number], va="bottom", ha="right", fontweight="bold")


def _span(firms: list[Firm], name: str, *, digits: int = 0) -> str:
    """From the least to the most of the firms, as percentages."""
    found = [100 * firm.figures[name] for firm in firms]
    return f"{min(found):.{digits}f} to {max(found):.{digits}f} %"


def _rows(axes: Axes, firms: list[Firm], rows: dict[str, tuple[str, tuple[float, ...]]]) -> None:
    """A row a figure: its allowed range as a band, the published values as ticks above it, a dot a firm. In per cent."""
    for place, (name, (label, published)) in enumerate(reversed(rows.items())):
        allowed = RANGES[name]
        axes.barh(place, 100 * (allowed.high - allowed.low), left=100 * allowed.low, height=0.62, color=BAND, zorder=1)
        axes.text(-0.01, place, label, transform=axes.get_yaxis_transform(), ha="right", va="center")
        axes.vlines(published, place - 0.31, place + 0.31, color=MARK, linewidth=1.4, zorder=2)
        for number, firm in enumerate(firms):
            axes.plot(100 * firm.figures[name], place + (2 - number) * 0.09, "o", color=FIRMS[number], markersize=5, zorder=3)
    axes.set(yticks=[], ylim=(-0.6, len(rows) - 0.4), xlim=(0, None))
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter("{x:.0f} %")


def _key(axes: Axes, firms: list[Firm]) -> None:
    """Said once, in the first picture: what band, tick and dots are."""
    axes.text(0, 1.02, "band: the range that a firm must fall in", transform=axes.transAxes, color=LABEL, va="bottom")
    axes.text(0.42, 1.02, "tick: a published value", transform=axes.transAxes, color=MARK, va="bottom")
    axes.text(0.67, 1.02, "dot: a firm", transform=axes.transAxes, color=INK, va="bottom")
    _seeds(axes, firms)


def _late(firms: list[Firm]) -> Figure:
    figure, [axes] = _page(f"{_span(firms, 'share_late')} of invoices are paid late, {_span(firms, 'share_late_30')} by more than 30 days")
    _rows(
        axes,
        firms,
        {"share_late": ("paid after the\ndue date", (41.8, 47, 52, 53)), "share_late_30": ("more than\n30 days after", ())},
    )
    for share, source, place in (
        (41.8, "Atradius\n2018", "right"),
        (47, "Atradius\nlatest", "center"),
        (52.5, "Xero 2017,\nAtradius 2021", "left"),
    ):
        axes.text(share, 0.66, source, ha=place, va="top", color=MARK, fontsize=7.5)
    axes.set_xlim(0, 70)
    _key(axes, firms)
    return figure


def _delay(firms: list[Firm]) -> Figure:
    found = [firm.figures["delay_days_mean"] for firm in firms]
    figure, [left, right] = _page(
        f"Payments come {min(found):.1f} to {max(found):.1f} days late on average, with a long tail of stragglers", (1, 1), height=3.1
    )
    pooled = pl.concat([firm.due["delay_days"] for firm in firms]).drop_nulls()
    edges = np.arange(-45.5, 101, 3)
    counts, _ = np.histogram(pooled.to_numpy(), edges)
    left.bar(edges[:-1] + 1.5, 100 * counts / len(pooled), width=2.7, color=np.where(edges[:-1] + 1.5 > 0, FIRMS[0], PALE))
    left.axvline(0, color=INK, linewidth=0.8)
    left.text(1.5, left.get_ylim()[1] * 0.97, "due", va="top")
    left.set(xlim=(-45, 100), xlabel="days after the due date, in threes", title="Share of paid invoices of all five firms, %")
    days = np.arange(0, 181, 2)
    for number, firm in enumerate(firms):
        delay = firm.due["delay_days"].fill_null(10_000).to_numpy()
        right.plot(days, [100 * (delay > day).mean() for day in days], color=FIRMS[number], linewidth=1.2)
    right.vlines(30, 8, 18, color=BAND, linewidth=9, zorder=0)
    right.text(36, 16.5, "8–18 %, the range at 30 days", color=LABEL, va="center")
    right.set(
        yscale="log", ylim=(0.3, 100), xlim=(0, 180), xlabel="days after the due date", title="Share still unpaid, %, by firm (log scale)"
    )
    right.set_yticks([1, 10, 100], ["1", "10", "100"])
    right.set_ylim(0.2, 100)
    right.text(178, 0.25, "those never paid remain", ha="right", va="bottom", color=GREY)
    _seeds(right, firms, height=0.93)
    return figure


def _disputes(firms: list[Firm]) -> Figure:
    figure, [left, right] = _page(
        f"{_span(firms, 'dispute_rate', digits=1)} of invoices are disputed, most often over price", (1, 1.25), height=3.0
    )
    _rows(left, firms, {"dispute_rate": ("disputed", (2, 5))})
    left.set_xlim(0, 8)
    left.text(3.5, 0.36, "2–5 % called acceptable", ha="center", va="bottom", color=MARK, fontsize=7.5)
    left.set_title("Share of issued invoices")
    published = {"price": (35, 40), "scope": (25, 30), "admin": (15, 20), "quality": (10, 15)}
    words = {"price": "price", "scope": "scope, quantity", "admin": "reference,\nadministration", "quality": "quality"}
    _rows(right, firms, {f"disputes_{kind}": (words[kind], published[kind]) for kind in REASONS})
    right.set_title("Share of disputes; ticks: a vendor's ranges")
    _seeds(right, firms, height=-0.25)
    return figure


def _utilisation(firms: list[Firm]) -> Figure:
    figure, [axes] = _page(f"Fee earners charge {_span(firms, 'utilisation')} of their time, without a season", height=3.0)
    ends = []
    for number, firm in enumerate(firms):
        monthly = firm.time.group_by(month=pl.col("worked_on").dt.truncate("1mo")).agg(
            share=100 * pl.col("minutes").filter("charged").sum() / pl.col("minutes").sum()
        )
        monthly = monthly.sort("month")
        axes.plot(monthly["month"].to_numpy(), monthly["share"], color=FIRMS[number], linewidth=1.2)
        ends.append((float(monthly["share"][-1]), number, monthly["month"].to_list()[-1]))
    axes.axhspan(62, 80, color=BAND, zorder=0)
    axes.axhline(68.9, color=MARK, linewidth=1.2, zorder=1)
    first = min(firm.time["worked_on"].min() for firm in firms)  # type: ignore[type-var]
    axes.text(first, 68.6, "68.9 %, SPI 2025", color=MARK, va="top", fontsize=8)  # type: ignore[arg-type]
    axes.text(first, 79.7, "range of a firm over all months, 62–80 %", color=LABEL, va="top", fontsize=8)  # type: ignore[arg-type]
    axes.set(ylim=(55, 85), title="Charged minutes over all minutes of fee earners, by month and firm")
    _seeds(axes, firms)
    axes.yaxis.set_major_formatter("{x:.0f} %")
    return figure


def _margin(firms: list[Firm]) -> Figure:
    figure, [left, right] = _page(
        f"{_span(firms, 'margin_fall_share')} of projects end five points or more under plan; forecasts are too hopeful until late",
        (1, 1),
        height=3.2,
    )
    pooled = pl.concat([firm.finished for firm in firms])
    for place, kind in enumerate(reversed(CONTRACTS)):
        own = pooled.filter(pl.col("kind") == kind)
        drift = 100 * (own["final_margin"] - own["plan_margin"]).to_numpy()
        low, lower, middle, upper, high = np.quantile(drift, [0.05, 0.25, 0.5, 0.75, 0.95])
        left.hlines(place, low, high, color=FIRMS[0], linewidth=1.2)
        left.hlines(place, lower, upper, color=FIRMS[0], linewidth=7)
        left.plot(middle, place, "o", color=PAPER, markersize=3.5)
        left.text(high + 1, place, f"{100 * (drift < FALL).mean():.0f} % fell", va="center", fontsize=8, color=MARK)
    left.axvline(FALL, color=MARK, linewidth=1)
    left.set_yticks(range(len(CONTRACTS)), [kind.replace("_", " ") for kind in reversed(CONTRACTS)])
    left.set(
        xlim=(-32, 22), ylim=(-0.6, len(CONTRACTS) - 0.4), xlabel="final less planned margin, points (middle half, middle nine tenths)"
    )
    left.set_title("Drift of margin, by contract")
    told = pl.concat([firm.forecasts for firm in firms]).with_columns(tenth=(pl.col("elapsed") * 10).floor().clip(0, 9) / 10 + 0.05)
    by = told.group_by("tenth").agg(*(pl.col("gap").quantile(share).alias(str(share)) for share in (0.1, 0.5, 0.9))).sort("tenth")
    at = 100 * by["tenth"].to_numpy()
    right.fill_between(at, 100 * by["0.1"].to_numpy(), 100 * by["0.9"].to_numpy(), color=BAND)
    right.plot(at, 100 * by["0.5"].to_numpy(), color=FIRMS[0], linewidth=1.6)
    right.axhline(0, color=INK, linewidth=0.8)
    right.text(50, 0.5, "what it took", ha="center", va="bottom")
    right.text(at[1], 100 * by["0.5"][1] + 1.2, "median", color=FIRMS[0])
    right.set(xlabel="share of the project's time elapsed, %", title="Effort forecast, % over or under what it took")
    return figure


def _missing(firms: list[Firm]) -> Figure:
    figure, [left, right] = _page(
        f"{_span(firms, 'missing_share')} of weeks are incomplete at Monday noon; Fridays are missing most", (1, 1), height=3.1
    )
    for number, firm in enumerate(firms):
        day = firm.entries.group_by(weekday=pl.col("worked_on").dt.weekday()).agg(share=100 * (pl.col("late_days") > 0).mean())
        day = day.filter(pl.col("weekday") <= len(WEEKDAYS)).sort("weekday")
        left.plot(day["weekday"].to_numpy() - 1, day["share"], "-o", color=FIRMS[number], markersize=4, linewidth=1)
    left.set_xticks(range(len(WEEKDAYS)), WEEKDAYS)
    _seeds(left, firms, height=0.02)
    left.set(ylim=(0, None), title="Time entries not in at the deadline, %, by day worked")
    late = pl.concat([firm.entries.group_by("person_id", "week").agg(pl.col("late_days").max()) for firm in firms])
    values = np.log10(late.filter(pl.col("late_days") > 0)["late_days"].to_numpy())
    edges = np.linspace(-1.6, 2.2, 39)
    counts, _ = np.histogram(values, edges)
    width = edges[1] - edges[0]
    right.bar(edges[:-1] + width / 2, 100 * counts / len(values), width=0.88 * width, color=PALE)
    line = np.linspace(-1.6, 2.2, 200)
    normal = np.exp(-0.5 * ((line - values.mean()) / values.std()) ** 2) / (values.std() * np.sqrt(2 * np.pi))
    right.plot(line, 100 * width * normal, color=INK, linewidth=1.2)
    right.text(line[150], 100 * width * normal[140], "log-normal", color=INK)
    right.set_xticks(np.log10([0.1, 1, 7, 40]), ["2 hours", "a day", "a week", "40 days"])
    right.set_title("How late missing weeks come, % of them (log scale)")
    return figure


def _amendments(firms: list[Firm]) -> Figure:
    pooled = pl.concat([firm.signing_days for firm in firms])
    figure, [axes] = _page(
        f"Half of all amendments are signed more than {float(np.median(pooled.to_numpy())):.0f} days after they took effect", height=2.5
    )
    counts, edges = np.histogram(pooled.to_numpy(), np.arange(2.5, 61, 2))
    axes.bar(edges[:-1] + 1, 100 * counts / len(pooled), width=1.8, color=PALE)
    axes.set(
        xlabel="days from the effective day to the signature, in twos",
        title="Share of amendments of all five firms, %; nothing is published",
    )
    return figure
