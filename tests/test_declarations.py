"""What is declared is listed, documented and locked: a declaration that nobody can find counts for nothing."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Final

import pytest

import controls
import features
import models
import records
import service
from features.feature import Feature

SETTINGS: Final = 20
"""Above this nobody knows what a setting does to the others; a threshold stands in the file of its risk instead."""

LISTS: Final = {"models": ("Risk", "models/catalog.py"), "controls": ("control", "controls/catalog.py")}
"""Folder -> what declares in its modules, a class or a decorator, and the file that lists them all."""

TRAINING_ONLY: Final = ("matplotlib", "mlflow", "pandas", "shap", "sklearn")
"""Imports that the train extra brings; serving starts without them."""

NOT_SERVING: Final = ("models.registry", "service.migrations")
"""Modules, or folders, that only training and the command line load; migrations run in Alembic's own context."""

ROOT = Path(__file__).resolve().parents[1]


def declares(text: str, kind: str) -> bool:
    """Whether a module has a declaration of this kind at its top level."""
    body = ast.parse(text).body
    values = [node.value for node in body if isinstance(node, ast.Assign | ast.AnnAssign)]
    values += [decorator for node in body if isinstance(node, ast.FunctionDef) for decorator in node.decorator_list]
    return any(isinstance(value, ast.Call) and ast.unparse(value.func) == kind for value in values)


def declarations(tree: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(module that declares a risk or a control, path of the catalog that must list it)."""
    for folder, (kind, catalog) in LISTS.items():
        for path, text in tree.items():
            if PurePosixPath(path).parent.as_posix() == folder and path.endswith(".py") and declares(text, kind):
                yield f"{folder}.{PurePosixPath(path).stem}", catalog


def imports(text: str) -> set[str]:
    """Every module that a text may import: `from a import b` may mean a or a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def unlisted(tree: Mapping[str, str]) -> Iterator[str]:
    """Declarations that their catalog does not import."""
    yield from (
        f"{catalog} does not list {module}" for module, catalog in declarations(tree) if module not in imports(tree.get(catalog, ""))
    )


def passing_the_catalog(tree: Mapping[str, str]) -> Iterator[str]:
    """Modules that import a declaration themselves: another risk, or code that would know one risk from another."""
    product = {
        path: imports(text) for path, text in tree.items() if path.endswith(".py") and not path.startswith(("tests/", "benchmarks/"))
    }
    for module, catalog in declarations(tree):
        yield from (
            f"{path} imports {module}: ask {catalog}" for path, imported in product.items() if module in imported and path != catalog
        )


def undocumented(names: list[str], tree: Mapping[str, str]) -> Iterator[str]:
    """Names that no page of docs/ mentions."""
    pages = "\n".join(text for path, text in tree.items() if path.startswith("docs/") and path.endswith(".md"))
    yield from (name for name in names if not re.search(rf"`{re.escape(name)}`", pages))


def settings(tree: Mapping[str, str]) -> set[str]:
    """Environment variables of ours that the code of the product names."""
    code = (text for path, text in tree.items() if path.endswith(".py") and not path.startswith(("tests/", "benchmarks/")))
    return {name for text in code for name in re.findall(r"""["'](PLUMBLINE_[A-Z0-9_]+)["']""", text)}


def dead_links(tree: Mapping[str, str]) -> Iterator[str]:
    """Links between pages that lead nowhere."""
    known = set(tree) | {parent.as_posix() for path in tree for parent in PurePosixPath(path).parents}
    for path, text in tree.items():
        if path.endswith(".md"):
            for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text):
                found = _below(PurePosixPath(path).parent / target)
                # The tree holds text alone; a picture is looked for where it lies.
                if found not in known and not (ROOT / found).is_file():
                    yield f"{path} links to {target}"


def _below(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts) or "."


def unlocked(project: Mapping[str, object], lock: str, extras: tuple[str, ...]) -> Iterator[str]:
    """Declared requirements that a lock does not hold."""
    table = project["project"]
    assert isinstance(table, dict)
    wanted = [*table["dependencies"], *(one for extra in extras for one in table["optional-dependencies"][extra])]
    locked = {found.lower() for found in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    for requirement in wanted:
        name = re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")
        if name not in locked:
            yield requirement


def modules_of(*packages: ModuleType) -> Iterator[str]:
    for package in packages:
        yield from (found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))


def declared_features() -> list[Feature]:
    loaded = [importlib.import_module(name) for name in modules_of(features)]
    return [value for module in loaded for value in vars(module).values() if isinstance(value, Feature)]


def miscounted(path: str, text: str) -> Iterator[str]:
    """Steps of a page that do not follow the one before; a list starts anew at 1."""
    last = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            last = 0
        if step := re.match(r"(\d+)\. ", line):
            if int(step[1]) not in {1, last + 1}:
                yield f"{path}:{number} is step {step[1]} after step {last}"
            last = int(step[1])


def test_every_risk_and_control_is_listed(tree: dict[str, str]) -> None:
    assert not list(unlisted(tree))


def test_only_the_catalog_knows_the_risks(tree: dict[str, str]) -> None:
    assert not list(passing_the_catalog(tree))


PLANTED: Final = {
    "models/margin.py": "MARGIN: Final = Risk(name='margin')",
    "models/dispute.py": "DISPUTE = Risk(name='dispute')",
    "models/catalog.py": "from models.dispute import DISPUTE\nRISKS = (DISPUTE,)",
}


def test_an_unlisted_risk_is_found() -> None:
    assert list(unlisted(PLANTED)) == ["models/catalog.py does not list models.margin"]
    assert not list(unlisted({**PLANTED, "models/catalog.py": "from models import dispute, margin"}))


def test_an_unlisted_control_is_found() -> None:
    planted = {"controls/po_missing.py": "@control(entity='invoice')\ndef po_missing(known, terms): ...", "controls/catalog.py": ""}
    assert list(unlisted(planted)) == ["controls/catalog.py does not list controls.po_missing"]
    assert not list(unlisted({**planted, "controls/catalog.py": "from controls.po_missing import po_missing"}))


@pytest.mark.parametrize("line", ["from models.dispute import DISPUTE", "import models.dispute", "from models import dispute"])
def test_a_risk_that_knows_another_is_found(line: str) -> None:
    assert not list(passing_the_catalog(PLANTED))
    planted = {**PLANTED, "models/margin.py": f"{line}\nMARGIN = Risk(name='margin')"}
    assert list(passing_the_catalog(planted)) == ["models/margin.py imports models.dispute: ask models/catalog.py"]


def test_every_risk_is_documented(tree: dict[str, str]) -> None:
    if "models/catalog.py" not in tree:
        pytest.skip("no risk is declared yet")
    risks = importlib.import_module("models.catalog").RISKS
    assert risks
    assert not list(undocumented([risk.name for risk in risks], tree))


def test_every_control_is_documented_and_named_like_no_risk(tree: dict[str, str]) -> None:
    names = [control.name for control in importlib.import_module("controls.catalog").CONTROLS]
    assert not list(undocumented(names, tree))
    assert len({*names, *(risk.name for risk in importlib.import_module("models.catalog").RISKS)}) == len(names) + len(
        importlib.import_module("models.catalog").RISKS
    )


def test_an_undocumented_name_is_found() -> None:
    assert list(undocumented(["late", "dispute"], {"docs/risks.md": "## `late`\nNot to dispute."})) == ["dispute"]


def test_every_feature_says_what_it_is() -> None:
    declared = declared_features()
    assert declared
    assert not [one.name for one in declared if not one.says.rstrip().endswith((".", "?"))]


def test_settings_are_few(tree: dict[str, str]) -> None:
    assert len(settings(tree)) <= SETTINGS


def test_every_setting_is_documented(tree: dict[str, str]) -> None:
    assert not list(undocumented(sorted(settings(tree)), {**tree, "docs/README.md": tree["docs/README.md"] + tree["README.md"]}))


def test_a_setting_is_counted_once() -> None:
    assert settings(
        {"service/app.py": "environ['PLUMBLINE_HOME'], environ.get(\"PLUMBLINE_HOME\")", "tests/test_x.py": "'PLUMBLINE_NO'"}
    ) == {"PLUMBLINE_HOME"}


def test_steps_are_counted_without_gap_or_repetition(tree: dict[str, str]) -> None:
    assert [found for path, text in tree.items() if path.endswith(".md") for found in miscounted(path, text)] == []


def test_a_step_that_is_there_twice_is_found() -> None:
    assert list(miscounted("a.md", "# A\n1. one\n   more\n2. two\n\n## B\n\n1. one\n2. two\n2. three\n")) == [
        "a.md:10 is step 2 after step 2"
    ]
    assert list(miscounted("a.md", "1. one\n3. three\n")) == ["a.md:2 is step 3 after step 1"]


def test_every_link_between_pages_leads_somewhere(tree: dict[str, str]) -> None:
    assert not list(dead_links(tree))


def test_a_dead_link_is_found() -> None:
    pages = {
        "docs/README.md": "[words](glossary.md) [back](../README.md) [gone](gone.md) [far](https://example.org)",
        "docs/glossary.md": "",
        "README.md": "",
    }
    assert list(dead_links(pages)) == ["docs/README.md links to gone.md"]


@pytest.mark.parametrize(("lock", "extras"), [("serve", ()), ("train", ("train",)), ("dev", ("train", "dev"))])
def test_locks_hold_what_is_declared(lock: str, extras: tuple[str, ...], tree: dict[str, str]) -> None:
    assert not list(unlocked(tomllib.loads(tree["pyproject.toml"]), tree[f"requirements/{lock}.txt"], extras))


def test_a_requirement_that_is_not_locked_is_found() -> None:
    project = {"project": {"dependencies": ["psycopg[binary]>=3", "Polars>=2"], "optional-dependencies": {"train": ["shap<1"]}}}
    assert list(unlocked(project, "psycopg==3.3 \\\npolars==2.1\n", ("train",))) == ["shap<1"]


def test_serving_locks_nothing_of_training(tree: dict[str, str]) -> None:
    assert not re.findall(r"^(?:mlflow|pandas|scikit-learn|shap|matplotlib|pytest)==", tree["requirements/serve.txt"], re.MULTILINE)


def test_serving_starts_without_the_train_extra() -> None:
    refuse = f"import sys; sys.modules.update(dict.fromkeys({TRAINING_ONLY!r}))"
    load = [name for name in modules_of(records, controls, features, models, service) if not name.startswith(NOT_SERVING)]
    code = f"{refuse}; import importlib; [importlib.import_module(name) for name in {load!r}]"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert ended.returncode == 0, ended.stderr
