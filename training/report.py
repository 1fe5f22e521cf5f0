"""The evaluation report: one HTML file without a script, that opens from disk and goes with the run."""

import io
from html import escape
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import shap

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from models.bundle import Bundle
from training.fit import matrix
from training.history import History
from training.metrics import TOO_FEW

_EXPLAINED_ROWS: Final = 500
"""Rows in the picture of contributions: enough to see its shape, few enough to draw."""
_STYLE: Final = """
body { font: 15px/1.5 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse }
td, th { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #ddd }
th:first-child, td:first-child { text-align: left }
svg { max-width: 100%; height: auto }
"""


def report(past: History, bundle: Bundle, measured: dict[str, Any]) -> str:
    """Verdict first, then data, metrics beside the rule with intervals, calibration, what the model draws on, how to make it again."""
    parts = [
        f"<h1>{escape(past.risk.says)}</h1><p>{escape(bundle.withheld or 'Calibration holds: likelihoods may be shown.')}</p>",
        *(f"<p>{escape(name)}: {escape(one.caveat)}</p>" for name, one in bundle.footing.items() if one.caveat),
        f"<p>Version {bundle.version}, trained on what was known by {bundle.as_of:%Y-%m-%d %H:%M} UTC.</p>",
    ]
    parts.append(_review(measured["review"]))
    for target in past.risk.targets:
        found = measured["targets"][target.name]
        parts.append(f"<h2>{escape(target.says.capitalize())}</h2>")
        if found["overall"] is None:
            parts.append(f"<p>{escape(found['reason'])}.</p>")
            continue
        parts.append(_table(found["overall"], rule=target.rule_says))
        parts.append(_svg(_calibration_figure(found["overall"]["model"]["calibration"]["bins"])))
        parts.append(_segments(found["segments"]))
        model = bundle.targets[target.name]
        if model is not None:
            parts.append(f"<h3>What moves it</h3>{_svg(_contribution_figure(past, bundle, target.name))}")
    again = f"plumbline train {past.risk.name} --as-of {bundle.as_of.isoformat()}"
    parts.append(f"<h2>How to make it again</h2><pre>{escape(again)}</pre><p>Records: {escape(str(dict(bundle.lake_versions)))}</p>")
    title = escape(f"{past.risk.name} {bundle.version}")
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f"{head}<body>{''.join(parts)}</body></html>"


def _review(said: list[str]) -> str:
    if not said:
        return ""
    listed = "".join(f"<li>{escape(one)}</li>" for one in said)
    return f"<h2>Review before promoting</h2><p>Too telling to be taken on trust: was each known before the outcome?</p><ul>{listed}</ul>"


def _table(overall: dict[str, Any], *, rule: str) -> str:
    rows = []
    for metric in ("auc", "pr_auc", "brier", "log_loss"):
        cells = [_with_interval(overall[who][metric], overall[who]["intervals"][metric]) for who in ("model", "rule")]
        difference = overall["model_less_rule"][metric]
        cells.append(_with_interval(difference["difference"], difference["interval"]))
        rows.append(f"<tr><td>{metric}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    counted = f"{overall['model']['n']} tested, {overall['model']['positives']} with the outcome; 95 % intervals over clients"
    head = f"<tr><th></th><th>model</th><th>{escape(rule)}</th><th>model less rule</th></tr>"
    return f"<p>{counted}</p><table>{head}{''.join(rows)}</table>"


def _segments(segments: list[dict[str, Any]]) -> str:
    if not segments:
        return ""
    rows = []
    for one in segments:
        less, ratio = one["model_less_rule"], one["predicted_to_observed"]
        losses = f"<td>{one['model_log_loss']:.3f}</td><td>{one['rule_log_loss']:.3f}</td>"
        judged = "".join(f"<td>{_with_interval(found['value'], found['interval'])}</td>" for found in (less, ratio))
        ranked = escape(one["ruled"]) or "model"
        rows.append(
            f"<tr><td>{escape(one['says'])}</td><td>{one['n']}</td><td>{one['positives']}</td>{losses}{judged}<td>{ranked}</td></tr>"
        )
    head = "".join(
        f"<th>{name}</th>"
        for name in ("where", "n", "with outcome", "log loss", "the rule's", "model less rule", "predicted over observed", "ranked by")
    )
    said = "99 % intervals over clients; a difference is drawn to that of all rows"
    return f"<h3>By segment</h3><p>{said}.</p><table><tr>{head}</tr>{''.join(rows)}</table>"


def _with_interval(value: float | None, interval: list[float] | None) -> str:
    if value is None:
        return "not defined"
    return f"{value:.3f} " + (f"({interval[0]:.3f} to {interval[1]:.3f})" if interval else f"({TOO_FEW})")


def _calibration_figure(bins: list[dict[str, Any]]) -> Figure:
    figure, axes = plt.subplots(figsize=(5, 4))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle=":")
    axes.scatter([one["predicted"] for one in bins], [one["observed"] for one in bins], s=[one["n"] for one in bins])
    axes.set(xlabel="predicted", ylabel="observed", title="Predicted against observed, bins of equal mass", xlim=(0, 1), ylim=(0, 1))
    return figure


def _contribution_figure(past: History, bundle: Bundle, target: str) -> Figure:
    model = bundle.targets[target]
    if model is None:
        raise ValueError(f"{target} has no model")
    values = matrix(past.frame.tail(_EXPLAINED_ROWS), past.risk.features)
    # What is known of none of these rows has no colour to be drawn in.
    known = [place for place, column in enumerate(values.T) if not np.isnan(column).all()]
    names = [past.risk.features[place].name for place in known]
    moved = model.contributions(values)[:, known]
    explained = shap.Explanation(moved, base_values=np.zeros(len(values)), data=values[:, known], feature_names=names)
    shap.plots.beeswarm(explained, show=False, max_display=12)
    return plt.gcf()


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    # Without the hour, the drawing program's address and random names: the same figure is the same text.
    with mpl.rc_context({"svg.hashsalt": "plumbline"}):
        figure.savefig(text, format="svg", bbox_inches="tight", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    plt.close(figure)
    drawn = text.getvalue()
    return drawn[drawn.index("<svg") :]
