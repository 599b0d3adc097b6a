"""Brings the variables of parallel branches together without losing an update.

The stock join writes one branch's stale copy over another branch's change; here each branch counts for what it
changed since the branches parted. What two branches both changed is as the later arrival has it.
"""

from collections.abc import Sequence
from typing import Any

from app.engine.instance import Token

_MISSING = object()


def merged(branches: Sequence[Token]) -> dict[str, Any]:
    """The variables of all branches; where two changed the same, the one later in the sequence wins.

    Branches that parted last are brought together first, each time against the variables at the point of parting.
    """
    if len(branches) == 1:
        return dict(branches[0].data)
    return _merged([_path(branch) for branch in branches], 0)


def _merged(paths: list[list[Token]], depth: int) -> dict[str, Any]:
    while True:
        if len(paths) == 1:
            return dict(paths[0][-1].data)
        groups: dict[int, list[list[Token]]] = {}
        for path in paths:
            # Taken out and put back, a group stands where its latest branch does.
            group = groups.pop(path[depth].id, [])
            group.append(path)
            groups[path[depth].id] = group
        if len(groups) > 1:
            base = paths[0][depth - 1].data if depth else {}
            return _three_way(base, [_merged(group, depth + 1) for group in groups.values()])
        depth += 1


def _three_way(before: dict[str, Any], branches: list[dict[str, Any]]) -> dict[str, Any]:
    result = dict(before)
    for data in branches:
        for name, value in data.items():
            known = before.get(name, _MISSING)
            if known is not value and (known is _MISSING or known != value or type(known) is not type(value)):
                result[name] = value
        for name in before:
            if name not in data:
                result.pop(name, None)
    return result


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
