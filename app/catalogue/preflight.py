"""Pre-flight (发送前核验): the checks a receiver would make of a package, read from `preflight.yaml` of a process.

Each check belongs to the user task whose completion sends the package. Its expression is true, or gives what is at
fault (a list of codes or names), when the receiver would find fault.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from app.catalogue.located import Located
from app.catalogue.names import SNAKE_CASE
from app.catalogue.page import Page
from app.domain.rules import Sentence, Status
from app.engine.expressions import Expression, ExpressionError, compile_expression
from app.engine.functions import GIVEN

Severity = Literal["block", "warn"]

KEY = "preflight"
"""Under which name answers hold the reasons for sending a package in spite of warnings: check id → reason."""

FOUND = "found"
"""The placeholder for what the expression gave: the codes or names at fault."""

PACKAGE: Mapping[str, tuple[int, int]] = {
    "issued": (1, 1),
    "received": (1, 1),
    "attached": (1, 1),
    "numbers_attached": (0, 0),
    "attachments_without": (1, 1),
    "items_without": (1, 1),
    "parties_without": (1, 1),
    "items_unsealed": (0, 1),
    "items_not_held": (0, 0),
    "hashes_differ": (0, 0),
    "hashes_not_compared": (0, 0),
    "overdue": (1, 1),
    "number_fits": (2, 2),
    "agency": (0, 1),
}
"""What an expression may ask about the package, with the least and the most arguments; closed."""

PAGES = frozenset({"/case", "/items", "/documents", "/handovers"})
"""Pages of the case on which a fault is mended that no field of the task's form mends."""

_KEYS = frozenset({"id", "task", "severity", "when", "zh", "en", "article", "status", "mend"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_MAX_CHECKS = 200


@dataclass(frozen=True, kw_only=True)
class PackageCheck:
    """One check. `when` gives something true when there is a fault; `mend` is a field of the form or one of PAGES.

    `sentence` may hold `{name}` of known values and `{found}`; `article` is the law it rests on, `status` how sure
    that is (domain: verified … from memory).
    """

    id: str
    task: str
    severity: Severity
    when: Expression
    sentence: Sentence
    article: str
    status: Status
    mend: str
    line: int

    @property
    def blocks(self) -> bool:
        """Whether the package cannot be sent with this fault, whatever the reason."""
        return self.severity == "block"

    @property
    def unconfirmed(self) -> bool:
        """Whether nobody has seen the rule in the text of the law."""
        return not self.status.startswith("verified")

    @property
    def placeholders(self) -> frozenset[str]:
        """The names its sentences show."""
        return frozenset(_PLACEHOLDER.findall(self.sentence.zh) + _PLACEHOLDER.findall(self.sentence.en))

    def said(self, zh: Mapping[str, str], en: Mapping[str, str]) -> Sentence:
        """The sentence with its placeholders filled, in both languages."""
        return Sentence(_filled(self.sentence.zh, zh), _filled(self.sentence.en, en))


def read_preflight(content: bytes, file: str) -> tuple[PackageCheck, ...]:
    """Read `preflight.yaml`; raises BrokenBundle with all its faults."""
    page = Page(content, file)
    top = page.mapping(page.content, KEY, {"checks"})
    listed = top.get("checks")
    if not isinstance(listed, list) or not listed or len(listed) > _MAX_CHECKS:
        page.fault(
            top, "checks", "no-checks", f"checks 应列出 1 至 {_MAX_CHECKS} 项核验", f"“checks” lists 1 to {_MAX_CHECKS}"
        )
        listed = []
    checks = tuple(_checks(page, listed[:_MAX_CHECKS]))
    page.refuse_faults()
    return checks


def _checks(page: Page, listed: list[Any]) -> Iterator[PackageCheck]:
    seen: set[str] = set()
    for number, entry in enumerate(listed, start=1):
        name = entry.get("id") if isinstance(entry, Located) else None
        where = name if isinstance(name, str) and name else f"check {number}"
        content = page.mapping(entry, where[:40], _KEYS)
        if not SNAKE_CASE.fullmatch(where) or where in seen:
            page.fault(
                content, where[:40], "bad-id", f"核验编号“{where[:40]}”无效或者重复", f"“{where[:40]}” is no new id"
            )
        seen.add(where)
        when = _expression(page, content, where)
        if when is None:
            continue
        yield PackageCheck(
            id=where,
            task=page.text(content, "task", where),
            severity=page.one_of(content, "severity", where, get_args(Severity), "block"),
            when=when,
            sentence=Sentence(page.text(content, "zh", where), page.text(content, "en", where)),
            article=page.text(content, "article", where),
            status=page.one_of(content, "status", where, get_args(Status), "from memory"),
            mend=page.text(content, "mend", where, needed=False),
            line=content.line,
        )


def _expression(page: Page, content: Located, where: str) -> Expression | None:
    source = content.get("when")
    if not isinstance(source, str) or not source.strip():
        page.fault(content, where, "bad-text", f"{where} 的 when 应为表达式", f"“when” of {where} is an expression")
        return None
    try:
        found = compile_expression(source, GIVEN | frozenset(PACKAGE))
    except ExpressionError as error:
        page.fault(content, where, "broken-expression", f"when：{error.zh}", f"when: {error.en}")
        return None
    for call in found.calls:
        least, most = PACKAGE.get(call.function, (0, call.count))
        if not least <= call.count <= most:
            page.fault(
                content,
                where,
                "bad-arguments",
                f"“{call.function}”有 {call.count} 个参数，应为 {least} 至 {most} 个",
                f"“{call.function}” has {call.count} arguments; it takes {least} to {most}",
            )
    return found


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), text)
