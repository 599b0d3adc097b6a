"""Whether a regular expression of a form can be run on what a stranger sends.

Python and the browser both back-track. A repetition inside a repetition grows exponentially and is refused; for
the rest the number of ways a text can be tried is estimated and limited. What the two dialects read differently
(look-around, named groups, back-references, lazy repetition) is refused too.
"""

import re

MAX_PATTERN = 200
MAX_INPUT = 200
MAX_WAYS = 20_000_000
_UNBOUNDED = 10_000
_HIGHEST_BOUND = 1000
_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,(\d*))?\}", re.ASCII)
_CLASS = re.compile(r"\[\^?(?!\])(?:[^\]\\\[]|\\.)+\]", re.DOTALL)
_SET_OPERATION = re.compile(r"--|&&|~~|\|\|")  # reserved by Python for later


class PatternError(ValueError):
    """The pattern does not compile or can run for ever; `zh` and the message say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def compile_pattern(source: str) -> re.Pattern[str]:
    """Compile a pattern for text of at most MAX_INPUT characters; raise PatternError when it may back-track badly."""
    if len(source) > MAX_PATTERN:
        raise PatternError(
            f"正则表达式超过 {MAX_PATTERN} 个字符", f"The pattern is longer than {MAX_PATTERN} characters"
        )
    if _Scan(source).ways() > MAX_WAYS:
        raise PatternError("正则表达式中重复和分支过多，可能无法终止", "Too many repetitions and branches to be safe")
    try:
        return re.compile(source, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError("正则表达式无效", f"The pattern is not valid: {error}") from error


class _Group:
    """An open group: how many alternatives it has so far, and whether a repetition or branch is inside."""

    def __init__(self) -> None:
        self.alternatives = 1
        self.varies = False


class _Scan:
    """Walks the pattern once and multiplies the choices a back-tracking engine can make."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._groups = [_Group()]
        self._ways = 1

    def ways(self) -> int:
        inner_varies = False
        while self._at < len(self._source):
            inner_varies = True if self._quantifier(inner_varies=inner_varies) else self._atom()
        whole = self._groups[0]
        anchored = self._source.startswith("^") and whole.alternatives == 1
        return self._ways * whole.alternatives * (1 if anchored else MAX_INPUT)

    def _quantifier(self, *, inner_varies: bool) -> bool:
        match = _QUANTIFIER.match(self._source, self._at)
        if match is None:
            return False
        low, high = _bounds(match)
        if high > 1 and inner_varies:
            raise PatternError("正则表达式中重复里又有重复或分支", "A repetition or branch inside a repetition")
        self._at = match.end()
        if self._source[self._at : self._at + 1] in {"?", "+", "*"}:
            raise PatternError("不支持懒惰或占有量词", "Lazy and possessive repetitions are not supported")
        if low != high:
            self._ways *= min(high - low + 1, MAX_INPUT)
            self._groups[-1].varies = True
        return True

    def _atom(self) -> bool:
        """Step over one atom; whether a repetition put after it would hold another one."""
        sign = self._source[self._at]
        if sign == "[":
            match = _CLASS.match(self._source, self._at)
            if match is None or _SET_OPERATION.search(match.group()):
                raise PatternError("字符集合无效", "The character class is not valid")
            self._at = match.end()
        elif sign == "\\":
            if self._source[self._at + 1 : self._at + 2].isdigit():
                raise PatternError("不支持反向引用", "Back-references are not supported")
            self._at += 2
        else:
            self._at += 1
            if sign == "(":
                self._begin()
            elif sign == "|":
                self._groups[-1].alternatives += 1
                self._groups[-1].varies = True
            elif sign == ")" and len(self._groups) > 1:
                return self._end()
        return False

    def _begin(self) -> None:
        if self._source.startswith("?:", self._at):
            self._at += 2
        elif self._source.startswith("?", self._at):
            raise PatternError("不支持以 (? 开头的分组", "Groups that begin with (? are not supported")
        self._groups.append(_Group())

    def _end(self) -> bool:
        group = self._groups.pop()
        self._ways *= group.alternatives
        self._groups[-1].varies |= group.varies
        return group.varies


def _bounds(match: re.Match[str]) -> tuple[int, int]:
    fixed = {"*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED), "?": (0, 1)}
    if match.group() in fixed:
        return fixed[match.group()]
    numbers = [int(number or 0) for number in (match[1], match[3]) if len(number or "") < len("10000")]
    if not match[1] or len(numbers) < len(("low", "high")) or max(numbers) > _HIGHEST_BOUND:
        raise PatternError("重复次数无效", "The number of repetitions is not valid")
    low, high = numbers
    if match[2] is None:
        return low, low
    return low, high if match[3] else _UNBOUNDED
