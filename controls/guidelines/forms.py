"""What fits a form: the shortest text that some regular expressions all match and others do not, or that there is none.

Forms of clients are plain: letters, digits, classes, groups, `|`, `?`, `*`, `+` and `{n,m}`. Each is made an automaton without backtracking
(Thompson, Programming techniques: regular expression search algorithm, 1968), and all are walked at once, breadth first.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

ALPHABET: Final = frozenset(chr(code) for code in range(32, 127))
CLASSES: Final = {
    "d": frozenset("0123456789"),
    "w": frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
    "s": frozenset(" "),
}
LONGEST: Final = 64
"""A repetition of more is no form of a number; texts are not looked for beyond it."""
MOST_STATES: Final = 20_000
"""Walking stops here with an error: no form that a client's portal takes comes near it."""


class UnreadableFormError(ValueError):
    """A regular expression with a part that is not read here, such as a look-around."""


@dataclass
class _Automaton:
    """States by number; `free` are moves that read nothing."""

    free: list[set[int]] = field(default_factory=list)
    reading: list[list[tuple[frozenset[str], int]]] = field(default_factory=list)

    def state(self) -> int:
        self.free.append(set())
        self.reading.append([])
        return len(self.free) - 1

    def closed(self, states: frozenset[int]) -> frozenset[int]:
        reached, waiting = set(states), list(states)
        while waiting:
            for after in self.free[waiting.pop()] - reached:
                reached.add(after)
                waiting.append(after)
        return frozenset(reached)

    def after(self, states: frozenset[int], sign: str) -> frozenset[int]:
        return self.closed(frozenset(target for one in states for signs, target in self.reading[one] if sign in signs))


@dataclass
class _Form:
    """A pattern while it is read into an automaton."""

    pattern: str
    automaton: _Automaton = field(default_factory=_Automaton)
    place: int = 0

    def whole(self) -> tuple[int, int]:
        begin, end = self.either()
        if self.place < len(self.pattern):
            raise UnreadableFormError(f"{self.pattern}: {self.pattern[self.place]!r} closes nothing")
        return begin, end

    def either(self) -> tuple[int, int]:
        ways = [self.row()]
        while self.sign() == "|":
            self.place += 1
            ways.append(self.row())
        begin, end = self.automaton.state(), self.automaton.state()
        for first, last in ways:
            self.automaton.free[begin].add(first)
            self.automaton.free[last].add(end)
        return begin, end

    def row(self) -> tuple[int, int]:
        begin = end = self.automaton.state()
        while self.sign() not in {"", "|", ")"}:
            start = self.place
            parts = [self.one()]
            least, most = self.times()
            for _ in range((least if most is None else most) + (most is None) - 1):
                after, self.place = self.place, start
                parts.append(self.one())
                self.place = after
            end = self.repeated(end, parts, least=least, endless=most is None, none=most == 0)
        return begin, end

    def repeated(self, end: int, parts: list[tuple[int, int]], *, least: int, endless: bool, none: bool) -> int:
        exit_ = self.automaton.state()
        for number, (first, last) in enumerate([] if none else parts):
            if number >= least:
                self.automaton.free[end].add(exit_)
            self.automaton.free[end].add(first)
            end = last
            if endless and number == len(parts) - 1:
                self.automaton.free[last].add(first)
        self.automaton.free[end].add(exit_)
        return exit_

    def one(self) -> tuple[int, int]:
        sign = self.take()
        if sign == "(":
            if self.pattern[self.place : self.place + 2] == "?:":
                self.place += 2
            elif self.sign() == "?":
                raise UnreadableFormError(f"{self.pattern}: a group that begins with (? is not read")
            inner = self.either()
            if self.take() != ")":
                raise UnreadableFormError(f"{self.pattern}: a group is not closed")
            return inner
        if sign in "*+?{^$":
            raise UnreadableFormError(f"{self.pattern}: {sign!r} stands alone")
        return self.reading(
            ALPHABET if sign == "." else self.escaped() if sign == "\\" else self.set_() if sign == "[" else frozenset(sign)
        )

    def reading(self, signs: frozenset[str]) -> tuple[int, int]:
        begin, end = self.automaton.state(), self.automaton.state()
        self.automaton.reading[begin].append((signs, end))
        return begin, end

    def escaped(self) -> frozenset[str]:
        sign = self.take()
        if sign.lower() in CLASSES:
            signs = CLASSES[sign.lower()]
            return signs if sign.islower() else ALPHABET - signs
        if not sign or sign.isalnum():
            raise UnreadableFormError(f"{self.pattern}: \\{sign} is not read")
        return frozenset(sign)

    def set_(self) -> frozenset[str]:
        negated = self.sign() == "^"
        self.place += negated
        signs: set[str] = set()
        first = True
        while self.sign() != "]" or first:
            first = False
            sign = self.take()
            if sign == "\\":
                signs |= self.escaped()
            elif not sign or sign == "[":
                raise UnreadableFormError(f"{self.pattern}: a set of signs is not closed, or holds another")
            elif self.sign() == "-" and self.pattern[self.place + 1 : self.place + 2] not in {"", "]"}:
                self.place += 1
                signs |= {chr(code) for code in range(ord(sign), ord(self.take()) + 1)}
            else:
                signs.add(sign)
        self.place += 1
        return ALPHABET - signs if negated else frozenset(signs)

    def times(self) -> tuple[int, int | None]:
        """How often the part before comes: at least, and at most (None: without end)."""
        sign = self.sign()
        if sign and sign in "?*+":
            self.place += 1
            return (sign == "+"), 1 if sign == "?" else None
        if sign != "{":
            return 1, 1
        text, closed, _ = self.pattern[self.place + 1 :].partition("}")
        least, comma, most = text.partition(",")
        if not closed or not least.isdigit() or (most and not most.isdigit()) or max(int(least), int(most or 0)) > LONGEST:
            raise UnreadableFormError(f"{self.pattern}: {{{text}}} is not read")
        self.place += len(text) + 2
        return int(least), (int(most) if most else None) if comma else int(least)

    def sign(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def take(self) -> str:
        self.place += 1
        return self.pattern[self.place - 1 : self.place]


def shortest(fits: Sequence[str], *, misses: Sequence[str] = ()) -> str | None:
    """The shortest text that every pattern of `fits` matches as a whole and none of `misses` does; None where there is none.

    Raises UnreadableFormError for a pattern that is not read here.
    """
    made = []
    for pattern in (*fits, *misses):
        form = _Form(pattern)
        begin, end = form.whole()
        made.append((form.automaton, form.automaton.closed(frozenset({begin})), end))
    wanted = [True] * len(fits) + [False] * len(misses)
    start = tuple(begin for _, begin, _ in made)
    seen, waiting = {start}, deque([(start, "")])
    while waiting:
        states, text = waiting.popleft()
        if all((end in one) == want for (_, _, end), one, want in zip(made, states, wanted, strict=True)):
            return text
        for sign in _telling(made, states):
            after = tuple(automaton.after(one, sign) for (automaton, _, _), one in zip(made, states, strict=True))
            if after not in seen and all(one for one, want in zip(after, wanted, strict=True) if want):
                seen.add(after)
                waiting.append((after, text + sign))
        if len(seen) > MOST_STATES:
            raise UnreadableFormError(f"{' and '.join(fits)}: too many ways to fit")
    return None


def _telling(made: Sequence[tuple[_Automaton, frozenset[int], int]], states: Sequence[frozenset[int]]) -> Iterator[str]:
    """One sign for each way of moving on: of signs that no set tells apart one is enough."""
    sets = [signs for (automaton, _, _), one in zip(made, states, strict=True) for state in one for signs, _ in automaton.reading[state]]
    ways: dict[tuple[bool, ...], str] = {}
    for sign in sorted(ALPHABET.union(*sets), key=lambda one: (not one.isalnum(), one)):
        ways.setdefault(tuple(sign in signs for signs in sets), sign)
    yield from ways.values()
