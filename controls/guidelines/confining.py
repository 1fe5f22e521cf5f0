"""What stands around a clause and may confine it: a heading that names more than a topic, and another clause that refers to it."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from controls.guidelines.document import Clause, Rule, Unread
from controls.guidelines.phrases import phrases, read_clause

NUMBER: Final = re.compile(
    r"(?:\b(?:clauses?|sections?|paragraphs?|points?|items?|no\.)|§)\s*(\d{1,2}(?:\.\d{1,2})*(?:\([a-z]\))?)"
    r"|(?<![\w.])(\d{1,2}(?:\.\d{1,2})+(?:\([a-z]\))?)(?!\w)",
    re.IGNORECASE,
)
"""A clause that a text names: 2.3, or "section 2"."""


def read_together(clauses: Sequence[Clause], headings: Mapping[str, str]) -> tuple[list[Rule], list[Unread]]:
    """The rules of a letter's clauses and what is left to a person; `headings`: text by number of what only stands above others."""
    rules: list[Rule] = []
    unread: list[Unread] = []
    for clause in clauses:
        confining = _confining(clause, headings)
        made, left = ([], [Unread(clause, clause.text, f"its heading “{confining}” may confine it")]) if confining else read_clause(clause)
        rules += made
        unread += left
    referring = {number: one.clause.number for one in unread for named in NUMBER.findall(one.text) for number in named if number}
    held = [rule for rule in rules if not _referred(rule, referring)]
    taken = [
        Unread(rule.clauses[0], rule.clauses[0].text, f"clause {_referred(rule, referring)}, which is not read, refers to it")
        for rule in rules
        if _referred(rule, referring)
    ]
    order = {clause.number: place for place, clause in enumerate(clauses)}
    return held, sorted([*unread, *taken], key=lambda one: order[one.clause.number])


def _confining(clause: Clause, headings: Mapping[str, str]) -> str | None:
    """The heading above a clause that names more than topics."""
    above = [text for number, text in headings.items() if clause.number.startswith((f"{number}.", f"{number}("))]
    return next((text for text in above if not set(re.findall(r"\w+", text.lower())) <= phrases().topics), None)


def _referred(rule: Rule, referring: Mapping[str, str]) -> str | None:
    """The clause that refers to this rule's, or to the one that it is a part of."""
    own = rule.clauses[0].number
    return next((other for number, other in referring.items() if own == number or own.startswith((f"{number}.", f"{number}("))), None)
