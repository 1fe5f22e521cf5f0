"""Feature: name, unit, phrase a person may read, missing-value rule, and the signal it stands for."""

import ast
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Final, Literal

from features import ranges, signal, streams, windows
from features.signal import Signal
from records import known as known_module
from records import receivables as receivables_module
from records.known import Known

Unit = Literal["days", "lateness", "shift", "due", "share", "count", "money", "ratio", "percent", "yes_no"]
"""lateness: days after the due date, negative early; shift: days later than before, negative earlier; due: days until then.
share: from 0 to 1; percent: a ratio to a plan or to a whole, which may be negative or above 1."""
Missing = Literal["zero", "unknown"]
"""What an absent value means: nothing happened, or it is not known (kept empty; the estimator says what it does with it)."""

_BENEATH: Final[tuple[ModuleType, ...]] = (known_module, receivables_module, streams, ranges, windows, signal)


@dataclass(frozen=True)
class Feature:
    """One point-in-time signal. Its `says` may be read by users; `{seen}` and `{usual}` in its phrase are the values."""

    name: str
    unit: Unit
    group: str
    phrase: str
    missing: Missing
    says: str
    compute: Callable[[Known], Signal]


def feature(*, unit: Unit, group: str, phrase: str, missing: Missing = "unknown") -> Callable[[Callable[[Known], Signal]], Feature]:
    """Declare the function below as a feature; the first line of its docstring is what it says."""

    def declare(compute: Callable[[Known], Signal]) -> Feature:
        says = (inspect.getdoc(compute) or "").partition("\n")[0]
        if not says:
            raise ValueError(f"{compute.__name__} has no docstring: its first line is the sentence that a user may read")
        if "{seen}" not in phrase:
            raise ValueError(f"{compute.__name__}: its phrase does not show the value {{seen}}")
        return Feature(compute.__name__, unit, group, phrase, missing, says, compute)

    return declare


def fingerprint(features: Iterable[Feature]) -> str:
    """Changes when the code that computes any of these features changes, and not with comments, docstrings or layout."""
    listed = list(features)
    modules = _drawn_on({sys.modules[one.compute.__module__] for one in listed})
    code = [_meaning(module) for module in sorted({*modules, *_BENEATH}, key=lambda module: module.__name__)]
    declared = [f"{one.name}:{one.unit}:{one.missing}" for one in listed]
    return hashlib.sha256("\n".join([*declared, *code]).encode()).hexdigest()


def code_of(functions: Iterable[Callable[..., object]]) -> str:
    """Changes when the code that these functions and what they draw on are made of changes; for what is no feature by itself."""
    modules = {*_drawn_on({sys.modules[one.__module__] for one in functions}), *_BENEATH}
    code = [_meaning(module) for module in sorted(modules, key=lambda module: module.__name__)]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()


def _drawn_on(modules: set[ModuleType]) -> set[ModuleType]:
    """These and the modules of this floor and of the controls that they take anything from, such as the facts that a feature counts."""
    values = [value for module in modules for value in vars(module).values()]
    # A control is a value of its own file; what it finds is made by the function that it holds.
    names = {getattr(value, "__module__", None) for one in values for value in (one, getattr(one, "find", None))}
    found = modules | {sys.modules[name] for name in names if isinstance(name, str) and name.startswith(("features.", "controls."))}
    return found if found == modules else _drawn_on(found)


def _meaning(module: ModuleType) -> str:
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    return _dumped(tree)


def _dumped(node: object) -> str:
    """As ast.dump, without what is empty: versions of Python differ in which empty fields a node has, and a model must outlive them."""
    if isinstance(node, list):
        return "[" + ",".join(_dumped(one) for one in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    told = ((name, value) for name, value in ast.iter_fields(node) if value is not None and value != [])
    return f"{type(node).__name__}(" + ",".join(f"{name}={_dumped(value)}" for name, value in told) + ")"
