"""One word per concept, and nothing of the machine that a file was written on."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

INSTEAD: Final = {
    "alert": "finding, or recommendation after triage",
    "insight": "finding",
    "cohort": "spine",
    "customer": "client",
    "debtor": "client",
    "timecard": "time entry",
    "employee": "person",
    "blacklist": "the name of what is refused",
    "whitelist": "allow-list",
}
"""Second names for what docs/glossary.md has a name for."""

SAYS_SO_ITSELF: Final = ("docs/glossary.md", "tests/test_wording.py")
"""Files that must name what is not said."""

FOREIGN: Final = re.compile(r"""role="(?:alert|alertdialog)"|ROLE_ALERT|`[^`\n]*`""")
"""Others' words: the accessibility roles of HTML, and a name quoted from a source."""

_WORDS: Final = re.compile(rf"(?<![A-Za-z])(?i:({'|'.join(INSTEAD)}))s?(?![a-z])")

OF_A_MACHINE: Final = {
    "a path of one machine": re.compile(r"(?<![\w.~:/-])/(?:home|root|work|Users|tmp|private|mnt)/\w"),
    "a Windows path": re.compile(r"(?<!\w)[A-Z]:\\\\?\w"),
    "a host of packages": re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs|crates\.io|--(?:extra-)?index-url[ =]|--find-links[ =]", re.IGNORECASE
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "an access key": re.compile(r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|glpat-[\w-]{20,}|sk-[A-Za-z0-9_-]{20,}|xox[abp]-[\w-]{10,})"),
    "a password in a URL": re.compile(r"\w+://[^\s/:@{}<>$'\"]+:[^\s/:@{}<>$'\"]+@"),
}


def second_names(path: str, text: str) -> Iterator[str]:
    if path in SAYS_SO_ITSELF or path.startswith("requirements/") or not path.endswith((".py", ".html", ".js", ".md")):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for found in _WORDS.finditer(FOREIGN.sub("", line)):
            yield f"{path}:{number} {found[0]!r}: say {INSTEAD[found[1].lower()]}"


def machine_bound(path: str, text: str) -> Iterator[str]:
    if path in SAYS_SO_ITSELF:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in OF_A_MACHINE.items():
            if pattern.search(line):
                yield f"{path}:{number} holds {what}"


@pytest.mark.parametrize(
    "line",
    ["class AlertQueue:", "def cohort_of(risk):", "customer_id = 1", "<h2>New insights</h2>", "The Employee's timecards"],
)
def test_a_second_name_is_found(line: str) -> None:
    assert list(second_names("service/words.py", line))


@pytest.mark.parametrize("line", ['<p role="alert">', "SAP calls it `Customer Number`", "alertness of inertia"])
def test_the_words_of_others_are_left_alone(line: str) -> None:
    assert not list(second_names("service/templates/page.html", line))


@pytest.mark.parametrize(
    "line",
    [
        "DATA = '/home/ann/data'",
        "cd /work/project",
        r"open('C:\\data')",
        "index = 'https://pypi.org/simple'",
        "--index-url https://packages.firm.example/simple",
        "-----BEGIN RSA PRIVATE KEY-----",
        "key = 'AKIAABCDEFGHIJKLMNOP'",
        "postgresql://ann:letmein@localhost/plumbline",
    ],
)
def test_what_binds_to_a_machine_is_found(line: str) -> None:
    assert list(machine_bound("records/lake.py", line))


@pytest.mark.parametrize("line", ["postgresql://localhost/plumbline", "#!/usr/bin/env bash", "/v1/recommendations", "../home/x"])
def test_what_binds_to_no_machine_is_left_alone(line: str) -> None:
    assert not list(machine_bound("records/lake.py", line))


def test_every_file_uses_one_word_per_concept(tree: dict[str, str]) -> None:
    found = [what for path, text in tree.items() for what in second_names(path, text)]
    assert not found, "\n".join(found)


def test_no_file_knows_the_machine_it_was_written_on(tree: dict[str, str]) -> None:
    found = [what for path, text in tree.items() for what in machine_bound(path, text)]
    assert not found, "\n".join(found)
