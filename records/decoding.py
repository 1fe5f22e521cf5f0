"""From the bytes of a file to text: gzip, byte order marks, UTF-16 without one, and bytes that are no UTF-8.

A byte that is not UTF-8 does not cost the file: it is carried as a character of a private plane (FOREIGN + byte), so that the rows that
hold one can be set aside and the rest loads.
"""

import codecs
import gzip
import zlib
from dataclasses import dataclass
from typing import Final

from records.refusal import FileRefused

FOREIGN: Final = 0x10FE00
"""Private-use plane 16: no text uses these 256 characters, so they can stand for bytes that are not UTF-8."""
FOREIGN_BYTES: Final = rf"[\x{{{FOREIGN:X}}}-\x{{{FOREIGN + 0xFF:X}}}]"
"""Pattern (Rust regex) of a byte that was not UTF-8."""
_GZIP: Final = b"\x1f\x8b"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_SAMPLE_BYTES: Final = 4096
_ZERO_SHARE: Final = 0.3
"""Latin text in UTF-16 has a zero in every second byte; damaged UTF-8 has a few. 0.3 of one side lies far from both."""


@dataclass(frozen=True)
class Decoded:
    """Text of a file, with how it was found to be written."""

    text: str
    encoding: str
    compressed: bool
    foreign: bool
    """Some bytes were not UTF-8 and stand as FOREIGN characters."""


def decode(data: bytes, *, declared: str | None) -> Decoded:
    """Text of a file's bytes. `declared`: the encoding that a mapping names. Raises FileRefused when it cannot be text at all."""
    compressed = data.startswith(_GZIP)
    plain = _unpacked(data) if compressed else data
    if declared is not None:
        return Decoded(_strict(plain, declared), declared, compressed, foreign=False)
    for mark, codec, name in _MARKS:
        if plain.startswith(mark):
            rest = plain[len(mark) :]
            return _utf_8(rest, name, compressed) if codec == "utf-8" else Decoded(_strict(rest, codec), name, compressed, foreign=False)
    unmarked = _unmarked_utf_16(plain[:_SAMPLE_BYTES])
    if unmarked is not None:
        return Decoded(_strict(plain, unmarked), "UTF-16 without byte order mark", compressed, foreign=False)
    return _utf_8(plain, "UTF-8", compressed)


def shown(text: str) -> str:
    r"""Text as a person may read it: bytes that were not UTF-8 as \xNN, a NUL as \x00."""
    if text.isprintable() and not any(ord(char) >= FOREIGN for char in text):
        return text
    return "".join(f"\\x{ord(char) & 0xFF:02x}" if char == "\0" or ord(char) >= FOREIGN else char for char in text)


def _utf_8(plain: bytes, name: str, compressed: bool) -> Decoded:  # noqa: FBT001
    try:
        return Decoded(plain.decode(), name, compressed, foreign=False)
    except UnicodeDecodeError:
        escaped = plain.decode(errors="surrogateescape")
        carried = escaped.translate({0xDC00 + byte: FOREIGN + byte for byte in range(0x80, 0x100)})
        return Decoded(carried, f"{name}, with bytes that are not", compressed, foreign=True)


def _strict(plain: bytes, codec: str) -> str:
    try:
        text = plain.decode(codec)
    except LookupError as unknown:
        raise FileRefused(f"the encoding {codec!r} is not known", "Name one that Python knows, such as utf-8 or cp1252") from unknown
    except UnicodeDecodeError as broken:
        where = f"byte {broken.start} ({broken.reason})"
        raise FileRefused(f"the file is not {codec} at {where}", "Export it again as UTF-8, or name its encoding in a mapping") from broken
    return text.removeprefix("\ufeff")


def _unmarked_utf_16(sample: bytes) -> str | None:
    half = len(sample) // 2
    if not half:
        return None
    zeros = [sample[side::2].count(0) / half for side in (0, 1)]
    if max(zeros) < _ZERO_SHARE or min(zeros) > _ZERO_SHARE / 2:
        return None
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


def _unpacked(data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise FileRefused(f"the gzip archive is damaged ({broken})", "Export or copy the file again") from broken
