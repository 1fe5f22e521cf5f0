"""The real command line, as tests call it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from plumbline.cli import app
from plumbline.console import Failure


@dataclass(frozen=True)
class Cli:
    """Runs commands as the entry point does, failures turned into exit codes."""

    home: Path

    def __call__(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        failure = result.exception
        if failure is not None and not isinstance(failure, SystemExit | Failure):
            raise failure
        found = failure.code if isinstance(failure, Failure) else result.exit_code
        assert found == code, f"{arguments} ended with {found}: {result.output} {failure}"
        return result

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The object on stdout; of a failure, what it says."""
        result = self(*arguments, "--json", code=code)
        if isinstance(result.exception, Failure):
            return {"title": result.exception.title, "detail": result.exception.detail}
        found: dict[str, Any] = json.loads(result.stdout)
        return found
