"""Brings the variables of parallel branches together without losing an update.

The stock join writes one branch's stale copy over another branch's change; here each branch counts for what it
changed since the branches parted. What two branches both changed is as the later arrival has it.
"""

from collections.abc import Sequence
from typing import Any

from app.engine.instance import Token

_MISSING = object()


def merged(branches: Sequence[Token]) -> dict[str, Any]:
    """The variables of all branches; later ones win where two changed the same."""
    if len(branches) == 1:
        return dict(branches[0].data)
    base = _common_ancestor(branches)
    before = base.data if base is not None else {}
    result = dict(before)
    for branch in branches:
        data = branch.data
        for name, value in data.items():
            known = before.get(name, _MISSING)
            if known is not value and (known is _MISSING or known != value or type(known) is not type(value)):
                result[name] = value
        for name in before:
            if name not in data:
                result.pop(name, None)
    return result


def _common_ancestor(branches: Sequence[Token]) -> Token | None:
    shared = _path(branches[0])
    for branch in branches[1:]:
        own = _path(branch)
        length = 0
        for first, second in zip(shared, own, strict=False):
            if first is not second:
                break
            length += 1
        shared = shared[:length]
    return shared[-1] if shared else None


def _path(token: Token) -> list[Token]:
    """The tokens above this one, the root first; a sub-process hangs below its task."""
    path = []
    step: Token | None = token
    while step is not None:
        path.append(step)
        above = step.parent
        if above is None and step.workflow.parent_task_id is not None:
            above = step.workflow.top_workflow.get_task_from_id(step.workflow.parent_task_id)
        step = above
    path.reverse()
    return path
