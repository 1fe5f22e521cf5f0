"""What the intake says when it cannot go on: one base, each with the exit code of the command line."""

from typing import ClassVar


class IntakeError(Exception):
    """Base of every error that the intake raises on purpose. Its text says what, where and how to mend."""

    exit_code: ClassVar[int] = 1


class NothingToImport(IntakeError):
    """The path holds no file that the tables or the mapping know."""

    exit_code = 4


class FileRefused(IntakeError):
    """One file cannot be read as a table; the other files of the folder go on."""

    exit_code = 4

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"{reason}. {mend}")
        self.reason = reason
        self.mend = mend


class MappingError(IntakeError):
    """A mapping is unknown, or does not say what its form asks for."""

    exit_code = 2


class PathMissing(IntakeError):
    """There is nothing at the path that was to be imported."""

    exit_code = 2
