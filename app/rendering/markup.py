"""Fills a document in: data into the body, the body into its layout."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from jinja2 import DictLoader, Environment, TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2 import Template as CompiledTemplate
from markupsafe import Markup

from app.domain.errors import Invalid, Stuck
from app.rendering.sandbox import sandbox

_QUOTED = re.compile(r"'([^']*)'")
_TEMPLATE_FILE = "<template>"
_KEPT = 64
"""How many templates stay compiled."""


class Template(Protocol):
    """What the renderer needs to know of a document."""

    @property
    def file(self) -> str:
        """Where it was read from, for faults."""

    @property
    def title(self) -> str:
        """Its name in Chinese."""

    @property
    def layout(self) -> str:
        """The layout it is put into, without `.html`."""

    @property
    def body(self) -> str:
        """The Jinja source."""

    @property
    def body_line(self) -> int:
        """The line of the file the body begins on."""

    @property
    def seal(self) -> str:
        """Whose seal it bears."""

    @property
    def copies(self) -> tuple[str, ...]:
        """The copies made of it."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One document to be rendered, in plain data that another process can be given."""

    file: str
    title: str
    layout: str
    body: str
    body_line: int
    seal: str
    copies: tuple[str, ...]
    layouts: Mapping[str, str]
    data: Mapping[str, Any]
    created: datetime
    attached: Mapping[str, bytes] = field(default_factory=dict)
    seconds: int = 0


def a_sheet(
    *,
    template: Template,
    layouts: Mapping[str, str],
    data: Mapping[str, Any],
    created: datetime,
    attached: Mapping[str, bytes] | None = None,
    seconds: int = 0,
) -> Sheet:
    """Gather what is to be rendered; raises Invalid for a moment without a zone."""
    if created.tzinfo is None:
        raise Invalid("制作时间缺少时区", "The moment of issue has no zone", at="created")
    return Sheet(
        file=template.file,
        title=template.title,
        layout=template.layout,
        body=template.body,
        body_line=template.body_line,
        seal=template.seal,
        copies=tuple(template.copies),
        layouts=dict(layouts),
        data=dict(data),
        created=created,
        attached=dict(attached or {}),
        seconds=seconds,
    )


def fill_body(sheet: Sheet) -> str:
    """The body with its data; raises Invalid naming the field that is missing."""
    return _render(sheet, sheet.body, None, {})


def fill_sheet(sheet: Sheet, *, outline: Callable[[str], str]) -> str:
    """The whole document as HTML; raises Invalid naming the field or layout that is missing.

    A layout knows what the body knows and `body`, `seal` and `copies` besides; it may include other layouts, and
    draw a character with `outline(character)`.
    """
    name = f"{sheet.layout}.html"
    if name not in sheet.layouts:
        raise Invalid(
            f"文书《{sheet.title}》的版式“{name}”不存在", f"There is no layout “{name}” for “{sheet.title}”", at=name
        )
    body = Markup(fill_body(sheet))  # noqa: S704  its data was escaped
    extra = {"body": body, "seal": sheet.seal, "copies": list(sheet.copies), "outline": outline}
    return _render(sheet, None, name, extra)


@lru_cache(_KEPT)
def _compiled(source: str) -> CompiledTemplate:
    return sandbox().from_string(source)


@lru_cache(_KEPT)
def _layouts(layouts: tuple[tuple[str, str], ...]) -> Environment:
    return sandbox(DictLoader(dict(layouts)))


def _render(sheet: Sheet, source: str | None, name: str | None, extra: Mapping[str, Any]) -> str:
    try:
        layouts = tuple(sorted(sheet.layouts.items()))
        template = _layouts(layouts).get_template(name) if name else _compiled(source or "")
        return template.render({**sheet.data, "title": sheet.title, **extra})
    except Invalid as error:
        zh, en = _where(sheet, error, name)
        raise Invalid(f"{zh}：{error.zh}", f"{en}: {error.en}", at=error.at or sheet.title) from error
    except UndefinedError as error:
        missing = (_QUOTED.findall(error.message or "") or ["?"])[-1]
        zh, en = _where(sheet, error, name)
        raise Invalid(f"{zh}缺少“{missing}”", f"{en} lacks “{missing}”", at=missing) from error
    except TemplateNotFound as error:
        raise Invalid(
            f"文书《{sheet.title}》：没有版式“{error.name}”",
            f"“{sheet.title}”: there is no layout “{error.name}”",
            at=str(error.name),
        ) from error
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        zh, en = _where(sheet, error, name)
        raise Invalid(f"{zh}无法填写：{error}", f"{en} cannot be filled in: {error}", at=sheet.title) from error
    except (RecursionError, MemoryError) as error:
        raise Stuck(
            f"文书《{sheet.title}》的模板没有尽头", f"The template of “{sheet.title}” has no end", at=sheet.title
        ) from error


def _where(sheet: Sheet, error: Exception, name: str | None) -> tuple[str, str]:
    line = error.lineno if isinstance(error, TemplateSyntaxError) else _line_of(error)
    file, start = (name, 1) if name else (sheet.file, sheet.body_line)
    place = f"{file}:{start + line - 1}" if line else file
    return f"文书《{sheet.title}》（{place}）", f"“{sheet.title}” ({place})"


def _line_of(error: Exception) -> int:
    """The line of the template that was being filled in; 0 when it was none."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _TEMPLATE_FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
