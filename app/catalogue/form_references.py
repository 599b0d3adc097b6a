"""How the fields of a form depend on each other: conditions without circles, dates against dates."""

from collections.abc import Iterator

from app.catalogue.components import Component, everything
from app.domain.errors import Fault


def faults_of_references(components: tuple[Component, ...], *, file: str) -> list[Fault]:
    """Conditions that depend on themselves, and dates compared with a field that is not a date."""
    faults: list[Fault] = []
    dates = {part.key for part in everything(components) if part.kind == "datetime" and part.subtype != "time"}
    others = {part.key for part in everything(components) if part.key} - dates
    for part in everything(components):
        faults += [
            Fault(
                file=file,
                line=part.line,
                element=part.key,
                code="check-type",
                zh=f"“{check.field}”不是日期",
                en=f"“{check.field}” is not a date",
            )
            for check in part.checks
            if check.field in others
        ]
    return faults + list(_circles(components, file=file))


def _circles(components: tuple[Component, ...], *, file: str) -> Iterator[Fault]:
    """Whether a field's being hidden depends, through others, on itself; then no order of evaluation is right."""
    reads: dict[str, set[str]] = {}
    lines: dict[str, int] = {}

    def walk(parts: tuple[Component, ...], above: frozenset[str]) -> None:
        for part in parts:
            names = above | (part.hide.names if part.hide else frozenset())
            if part.key:
                reads.setdefault(part.key, set()).update(names)
                lines.setdefault(part.key, part.line)
            walk(part.components, names)

    walk(components, frozenset())
    for key, names_read in reads.items():
        reached, waiting = set[str](), list(names_read)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += reads.get(name, ())
        if key in reached:
            yield Fault(
                file=file,
                line=lines[key],
                element=key,
                code="circular-condition",
                zh=f"“{key}”是否隐藏取决于它自己",
                en=f"Whether “{key}” is hidden depends on itself",
            )
