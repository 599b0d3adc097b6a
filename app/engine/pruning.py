"""Forgets what is over: finished tokens are cut out of the tree, so that the thousandth round costs what the first did.

Kept are open tokens, the tokens at which the paths to them part (the base for merging their variables), the roots, and
the tokens of running sub-processes.
"""

from typing import Any

from app.engine.instance import Instance, Token


def prune(instance: Instance) -> None:
    """Cut finished tokens out of the process and its sub-processes."""
    for key in [key for key, flow in instance.subprocesses.items() if flow.completed]:
        del instance.subprocesses[key]
    for flow in (instance, *instance.subprocesses.values()):
        _prune_flow(flow)


def _prune_flow(flow: Any) -> None:
    tasks: dict[int, Token] = flow.tasks
    root = flow.task_tree
    if flow.completed:
        last = flow.last_task
        root.data = dict(last.data) if last is not None else {}
        root._children = []  # noqa: SLF001 - the library keeps the tree in these
        tasks.clear()
        tasks[root.id] = root
        return
    paths: dict[int, int] = {}
    for token in tasks.values():
        step = token if token.unfinished else None
        while step is not None:
            seen = step.id in paths
            if step is not token:
                paths[step.id] = paths.get(step.id, 0) + 1
            else:
                paths.setdefault(step.id, 0)
            step = None if seen else step.parent
    kept = {key: token for key, token in tasks.items() if token.unfinished or token is root or paths.get(key, 0) > 1}
    for token in kept.values():
        token._children = []  # noqa: SLF001
    for token in kept.values():
        above = token.parent
        while above is not None and above.id not in kept:
            above = above.parent
        token._parent = above.id if above is not None else None  # noqa: SLF001
        if above is not None:
            above._children.append(token.id)  # noqa: SLF001
    tasks.clear()
    tasks.update(kept)
    if len(root._children) == 1 and not root.unfinished:  # noqa: SLF001
        root.data = {}
