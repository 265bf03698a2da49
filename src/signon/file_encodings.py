"""In which encoding a file of text stands: as it was named, or as its bytes leave no doubt.

UTF-8 and UTF-16 tell themselves. What is neither is one of many encodings of eight bits, which
only a reader of the names in it could tell apart: so none of those is guessed, and whoever brings
the file is told which it looks like and how to name it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from signon.errors import InputError

_CODECS: Mapping[str, str] = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "windows-1252": "cp1252",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1250": "cp1250",
    "cp437": "cp437",
    "cp850": "cp850",
    "macintosh": "mac-roman",
}
_OTHER_NAMES: Mapping[str, str] = {
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf16": "utf-16",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "cp1252": "windows-1252",
    "ansi": "windows-1252",
    "cp1250": "windows-1250",
    "latin-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso8859-1": "iso-8859-1",
    "latin-9": "iso-8859-15",
    "ibm437": "cp437",
    "ibm850": "cp850",
    "mac-roman": "macintosh",
}
NAMES = tuple(_CODECS)
"""What may be named; some have other names too."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_HEAD = 64
# where Windows-1252 and its kin have accented letters and typographic marks
_LETTERS = frozenset([*range(0xC0, 0x100), *range(0x91, 0x98), 0xA0])


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file is read; `notice` says so where it was neither named nor UTF-8."""

    name: str
    notice: str = ""

    @property
    def codec(self) -> str:
        """What Python calls it."""
        return _CODECS[self.name]


UTF_8 = Encoding("utf-8")


def of(file: BinaryIO, named: str = "", *, field: str = "file") -> Encoding:
    """The encoding of a file, which is left at its beginning.

    Raises InputError: for `encoding`, there is none of that name, or the file shows that it is
    another; for `field`, it is neither UTF-8 nor UTF-16 and nobody named it.
    """
    found = _named(named) if named else None
    told = _marked(file)
    if found is None:
        if told and told != UTF_8.name:
            return Encoding(told, f"The file was read as {told.upper()}, which its bytes show.")
        return UTF_8 if told else _read_through(file, field)
    if (told and told[:5] != found.name[:5]) or _is_utf_8_with_letters(file, found):
        raise InputError(
            f"The file is {(told or UTF_8.name).upper()}, not {found.name}: leave the encoding out.",
            field="encoding",
        )
    return Encoding(told) if told == "utf-16" else found


def _named(name: str) -> Encoding:
    tidy = name.strip().lower().replace("_", "-").replace(" ", "-")
    tidy = _OTHER_NAMES.get(tidy, tidy)
    if tidy not in _CODECS:
        raise InputError(
            f"There is no such encoding here: name one of {', '.join(NAMES)}.", field="encoding"
        )
    return Encoding(tidy)


def _marked(file: BinaryIO) -> str:
    """By its mark, or by every other byte of the heading being NUL; empty when neither tells."""
    head = file.read(_HEAD)
    file.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    even, odd = head[0::2], head[1::2]
    if not odd or all(head):
        return ""
    if not any(odd) and all(even):
        return "utf-16le"
    return "utf-16be" if all(odd) and not any(even) else ""


def _read_through(file: BinaryIO, field: str) -> Encoding:
    """UTF-8, also where single lines are broken; raises InputError when no line speaks for it."""
    first, seen, speaks = 0, set[int](), False
    for number, line in enumerate(file, 1):
        if line.isascii():
            continue
        if _is_utf_8(line):
            speaks = True
            break
        first = first or number
        seen.update(byte for byte in line if byte > 0x7F)
    file.seek(0)
    if not first or speaks:
        return UTF_8
    like = "windows-1252" if seen <= _LETTERS else "an old one, such as cp850 or macintosh"
    raise InputError(
        f"Line {first} is not UTF-8; the file looks like {like}. Save it as UTF-8, or name its "
        f"encoding where you give it, such as --encoding {like.rpartition(' ')[2]}.",
        field=field,
    )


def _is_utf_8_with_letters(file: BinaryIO, found: Encoding) -> bool:
    """Whether a file that is said to be of eight bits holds letters of UTF-8, and no others."""
    if found.name.startswith("utf"):
        return False
    lines = [line for line in file if not line.isascii()]
    file.seek(0)
    return bool(lines) and all(_is_utf_8(line) for line in lines)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
