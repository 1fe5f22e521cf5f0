"""The rules of the house that no linter knows, each tried on an example that breaks it and then on every file."""

import ast
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Final

import pytest

LINES_A_FILE: Final = 300
LINES_A_FUNCTION: Final = 70
"""Above these nobody holds a file, or a function, in mind at once (docs/decisions/small-files.md)."""

NAMES_OF_NOTHING: Final = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff"}
"""A module so named collects what had no place; what it holds has a noun, or lives beside its only caller."""

MAY_CATCH_ALL: Final = ("service/nightly.py",)
"""The nightly loop logs a failing risk and goes on with the others; the worklist shows the failure."""

WITHOUT_CLOCK: Final = ("records", "controls", "features", "models", "training", "simulation")
"""Folders that are given the instant they work at, so that any past run can be done again."""

CLOCKS: Final = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}

MAY_KNOW_TRUTH: Final = ("simulation", "benchmarks", "tests")
"""The simulated firm's own probabilities are for measuring; a model that saw them would be worth nothing."""

Rule = Callable[[str, str], Iterator[str]]
"""(path below the root, text of the file) -> what breaks the rule, each as `path:line what`."""


def file_too_long(path: str, text: str) -> Iterator[str]:
    lines = len(text.splitlines())
    if lines > LINES_A_FILE:
        yield f"{path}:{lines} a file has at most {LINES_A_FILE} lines: split it by noun"


def function_too_long(path: str, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_A_FUNCTION:
                yield f"{path}:{node.lineno} {node.name} has {lines} lines, at most {LINES_A_FUNCTION}"


def named_for_nothing(path: str, _text: str) -> Iterator[str]:
    for part in PurePosixPath(path).with_suffix("").parts:
        if part in NAMES_OF_NOTHING:
            yield f"{path}:1 {part!r} is no noun of the domain"


def package_below_tests(path: str, _text: str) -> Iterator[str]:
    if path.startswith("tests/") and path.endswith("/__init__.py"):
        yield f"{path}:1 there is no __init__.py below tests/"


def catches_all(path: str, text: str) -> Iterator[str]:
    if path in MAY_CATCH_ALL:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(one is None or ast.unparse(one) in {"Exception", "BaseException"} for one in caught):
                yield f"{path}:{node.lineno} names no error that it expects"


def takes_mode(path: str, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            named = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            if "mode" in named:
                yield f"{path}:{node.lineno} {node.name} takes a mode: these are two functions"


def hands_options_through(path: str, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.args.kwarg:
            name = node.args.kwarg.arg
            calls = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))
            if any(word.arg is None and ast.unparse(word.value) == name for call in calls for word in call.keywords):
                yield f"{path}:{node.lineno} {node.name} hands **{name} through: name what it takes"


def asserts_a_mock(path: str, text: str) -> Iterator[str]:
    if not path.startswith("tests/"):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute | ast.Name):
            said = ast.unparse(node)
            name = said.rpartition(".")[2]
            called = name.startswith(("assert_called", "assert_not_called", "assert_awaited"))
            patched = said in {"monkeypatch.setattr", "monkeypatch.setitem", "mock.patch", "patch", "patch.object", "patch.dict"}
            if called or patched or name in {"Mock", "MagicMock", "AsyncMock", "mocker"}:
                yield f"{path}:{node.lineno} {said}: hand in a small real class, and assert what came about"


def reads_the_clock(path: str, text: str) -> Iterator[str]:
    if PurePosixPath(path).parts[0] not in WITHOUT_CLOCK:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and any(ast.unparse(node).endswith(clock) for clock in CLOCKS):
            yield f"{path}:{node.lineno} {ast.unparse(node)}: take the instant as an argument"


def reads_the_truth(path: str, text: str) -> Iterator[str]:
    if PurePosixPath(path).parts[0] in MAY_KNOW_TRUTH:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "truth" in PurePosixPath(node.value).parts:
            yield f"{path}:{node.lineno} {node.value!r} is for measuring alone"


RULES: Final[tuple[Rule, ...]] = (
    file_too_long,
    function_too_long,
    named_for_nothing,
    package_below_tests,
    catches_all,
    takes_mode,
    hands_options_through,
    asserts_a_mock,
    reads_the_clock,
    reads_the_truth,
)

BREAKING: Final = (
    (file_too_long, "records/lake.py", "x = 1\n" * 301),
    (function_too_long, "records/lake.py", "def read():\n" + "    x = 1\n" * 70),
    (function_too_long, "tests/test_lake.py", "class Any:\n    async def read(self):\n" + "        x = 1\n" * 70),
    (named_for_nothing, "records/utils.py", ""),
    (named_for_nothing, "service/common/dates.py", ""),
    (package_below_tests, "tests/records/__init__.py", ""),
    (catches_all, "service/jobs.py", "try:\n    x()\nexcept Exception:\n    pass\n"),
    (catches_all, "service/jobs.py", "try:\n    x()\nexcept:\n    pass\n"),
    (catches_all, "tests/test_jobs.py", "try:\n    x()\nexcept (KeyError, BaseException):\n    pass\n"),
    (takes_mode, "records/lake.py", "def read(table, *, mode='fast'): ..."),
    (hands_options_through, "records/lake.py", "def read(table, **options):\n    return scan(table, **options)\n"),
    (asserts_a_mock, "tests/test_jobs.py", "sent.assert_called_once_with(1)"),
    (asserts_a_mock, "tests/test_jobs.py", "mock.patch('service.jobs.run')"),
    (asserts_a_mock, "tests/test_jobs.py", "def test_it(mocker): mocker.stub()"),
    (asserts_a_mock, "tests/test_jobs.py", "def test_it(monkeypatch): monkeypatch.setattr(jobs, 'run', None)"),
    (reads_the_clock, "features/payments.py", "now = datetime.now(UTC)"),
    (reads_the_clock, "training/splits.py", "today = datetime.date.today()"),
    (reads_the_truth, "training/labels.py", "rows = read(home / 'truth' / 'invoice.csv')"),
    (reads_the_truth, "plumbline/cli.py", "rows = read('firm/truth/invoice.csv')"),
)

KEEPING: Final = (
    (file_too_long, "records/lake.py", "x = 1\n" * 300),
    (function_too_long, "records/lake.py", "def read():\n" + "    x = 1\n" * 69),
    (catches_all, "service/nightly.py", "try:\n    x()\nexcept Exception:\n    log()\n"),
    (catches_all, "service/jobs.py", "try:\n    x()\nexcept (KeyError, OSError):\n    pass\n"),
    (takes_mode, "records/lake.py", "write_deltalake(path, rows, mode='append')"),
    (hands_options_through, "records/lake.py", "def read(**columns):\n    return sorted(columns)\n"),
    (asserts_a_mock, "tests/test_api.py", "client.patch('/v1/recommendations')"),
    (asserts_a_mock, "tests/test_jobs.py", "def test_it(monkeypatch): monkeypatch.setenv('CI', '1')"),
    (reads_the_clock, "plumbline/cli.py", "now = datetime.now(UTC)"),
    (reads_the_truth, "simulation/export.py", "folder = home / 'truth'"),
    (reads_the_truth, "training/labels.py", "'The truth is known later.'"),
)


@pytest.mark.parametrize(("rule", "path", "text"), BREAKING)
def test_a_rule_fires_on_what_breaks_it(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text))


@pytest.mark.parametrize(("rule", "path", "text"), KEEPING)
def test_a_rule_is_silent_on_what_keeps_it(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(path, text))


def test_every_rule_is_tried_both_ways_where_it_has_an_exception() -> None:
    assert {rule for rule, *_ in BREAKING} == set(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: Rule, tree: dict[str, str]) -> None:
    broken = [what for path, text in tree.items() if path.endswith(".py") for what in rule(path, text)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("rule", [file_too_long, named_for_nothing])
def test_pages_keep_the_rules_of_files(rule: Rule, tree: dict[str, str]) -> None:
    pages = {path: text for path, text in tree.items() if path.startswith("service/") and path.endswith((".html", ".css", ".js"))}
    broken = [what for path, text in pages.items() for what in rule(path, text)]
    assert not broken, "\n".join(broken)
