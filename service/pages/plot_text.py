"""The words of a dot plot, from the same object as its dots and its table."""

from service.charts import DotPlot
from service.pages.wording import Wording, say


def plot_title(plot: DotPlot) -> str:
    """The message of the picture."""
    values = {"late": plot.late, "in_time": plot.in_time, "total": plot.total}
    if plot.due_on is None:
        return say("%(total)s equally likely dates of payment", values)
    if plot.late > plot.in_time:
        return say("%(late)s of %(total)s equally likely dates are after the due date", values)
    return say("%(in_time)s of %(total)s equally likely dates are in time", values)


def plot_description(plot: DotPlot, wording: Wording) -> str:
    """All that the picture shows, in sentences."""
    values = {
        "total": plot.total,
        "first": wording.day(plot.dates[0]),
        "middle": wording.day(plot.middle_on),
        "last": wording.day(plot.dates[-1]),
        "low": wording.day(plot.low_on) if plot.low_on else "",
        "high": wording.day(plot.high_on) if plot.high_on else "",
        "due": wording.day(plot.due_on) if plot.due_on else "",
        "in_time": plot.in_time,
        "late": plot.late,
    }
    spread = say("%(total)s equally likely dates of payment, from %(first)s to %(last)s; the middle is %(middle)s.", values)
    centre = say("80 %% of the likelihood lies between %(low)s and %(high)s.", values) if plot.low_on and plot.high_on else ""
    due = say("Due %(due)s: %(in_time)s dates are in time, %(late)s are late.", values) if plot.due_on else ""
    return " ".join(sentence for sentence in (spread, centre, due) if sentence)
