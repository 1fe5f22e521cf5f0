"""Install a locked file of requirements into the environment that runs this: through uv, or through pip where uv cannot be had.

    python requirements/install.py requirements/dev.txt

pip is how a machine says where its packages come from, so uv is told what pip knows (its environment variables and its files).
Standard library only: this runs before anything is installed.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check")

AS_UV_SAYS: Final[Mapping[str, str]] = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "cache-dir": "UV_CACHE_DIR",
}
"""pip's name of a setting -> the environment variable by which uv takes it."""

SEPARATED_BY_COMMAS: Final = {"UV_FIND_LINKS"}
"""Where pip separates several values by blanks, uv does too, but for these."""


def pip_settings(listed: str) -> dict[str, str]:
    """Settings out of what `pip config list` prints (`global.timeout='60'`); environment before install before global."""
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.splitlines():
        name, equals, value = line.partition("=")
        section, _, key = name.partition(".")
        if equals and section in found:
            found[section][key] = str(ast.literal_eval(value))
    return {**found["global"], **found["install"], **found[":env:"]}


def uv_environment(settings: Mapping[str, str], already: Mapping[str, str]) -> dict[str, str]:
    """What pip's settings are called by uv. What the environment says to uv itself stays as it is."""
    told: dict[str, str] = {}
    for key, name in AS_UV_SAYS.items():
        values = settings.get(key, "").split()
        if values and name not in already:
            told[name] = ("," if name in SEPARATED_BY_COMMAS else " ").join(values)
    return told


def uv() -> str | None:
    """The path of uv: this environment's own, else the locked one fetched through pip; None where it cannot be had."""
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    if beside is None:
        fetched = subprocess.run(
            [*PIP, "install", "--quiet", "--require-hashes", "--requirement", ROOT / "requirements/uv.txt"], check=False
        )
        beside = shutil.which("uv", path=str(Path(sys.executable).parent)) if fetched.returncode == 0 else None
    return beside


def install(requirements: str) -> None:
    """Install the locked file, every hash checked, then the project itself, editable, without asking an index again."""
    locked = ["--require-hashes", "--requirement", requirements]
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    tool = uv()
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=False).stdout
    if tool is not None:
        # Hashes say which file is meant, so it may come from any of the indexes.
        command = [tool, "pip", "install", "--python", sys.executable, "--index-strategy", "unsafe-best-match"]
        environment = {**os.environ, **uv_environment(pip_settings(listed), os.environ)}
        if all(subprocess.run([*command, *what], env=environment, check=False).returncode == 0 for what in (locked, project)):
            return
        print("uv could not install; trying pip, which takes minutes", file=sys.stderr)
    for what in (locked, project):
        subprocess.run([*PIP, "install", *what], check=True)


if __name__ == "__main__":
    install(sys.argv[1])
