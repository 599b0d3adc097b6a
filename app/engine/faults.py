"""Collects everything that is wrong with one file, so that a designer sees all of it at once."""

from app.domain.errors import BrokenBundle, Fault

MAX_FAULTS = 200


class Faults:
    """The faults of one file, in the order found."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[Fault] = []

    def add(self, code: str, element: str, line: int, zh: str, en: str) -> None:
        """Note a fault; `zh` and `en` are sentences for the designer. The same fault is noted once."""
        fault = Fault(file=self._file, line=line, element=element, code=code, zh=zh, en=en)
        if fault not in self._found and len(self._found) < MAX_FAULTS:
            self._found.append(fault)

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        """Raise BrokenBundle with all faults in order of their lines, if there is one."""
        if self._found:
            raise BrokenBundle(sorted(self._found, key=lambda fault: fault.line))
