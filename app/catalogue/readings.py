"""Readings that are remembered: a tree holds the same files for every process of it, and they never change."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from app.catalogue.documents import DocumentTemplate, read_document
from app.catalogue.forms import Form, read_form
from app.catalogue.preflight import PackageCheck, read_preflight
from app.domain.errors import BrokenBundle, Fault
from app.engine.diagram import Diagram, read_diagram
from app.engine.rules import Table, read_tables

T = TypeVar("T")


@lru_cache(maxsize=256)
def diagram_of(content: bytes, file: str) -> Diagram:
    """A diagram, read once for the same content."""
    return read_diagram(content, file=file)


@lru_cache(maxsize=2048)
def form_of(content: bytes, file: str) -> Form:
    """A form, read once for the same content."""
    return read_form(text_of(content, file), file=file)


@lru_cache(maxsize=1024)
def document_of(content: bytes, file: str) -> DocumentTemplate:
    """A document template, read once for the same content."""
    return read_document(text_of(content, file), file=file)


@lru_cache(maxsize=256)
def tables_in(content: bytes, file: str) -> dict[str, Table]:
    """The decision tables of a DMN file by decision id, read once for the same content."""
    return read_tables(content, file=file)


@lru_cache(maxsize=256)
def preflight_of(content: bytes, file: str) -> tuple[PackageCheck, ...]:
    """The checks of a process's packages, read once for the same content."""
    return read_preflight(content, file)


@lru_cache(maxsize=16)
def loaded(load: Callable[[bytes], T], content: bytes) -> T:
    """The register, calendar or roles, loaded once for the same content."""
    return load(content)


def text_of(content: bytes, file: str) -> str:
    """The text of a file; raises BrokenBundle when it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BrokenBundle(
            [
                Fault(
                    file=file,
                    line=line,
                    element="",
                    code="not-utf8",
                    zh="不是 UTF-8 编码",
                    en="This is not encoded in UTF-8",
                )
            ]
        ) from error
