"""Whether what a story names is there: its process, tasks, answers, ends, documents and limits."""

from collections.abc import Iterator, Mapping

from app.catalogue.preflight import KEY
from app.catalogue.readings import diagram_of, form_of, loaded
from app.catalogue.register import load_register
from app.catalogue.stories import Step, Story
from app.catalogue.tree import DEADLINES, diagram_path, documents_of, form_path, list_processes
from app.domain.errors import BrokenBundle, Fault
from app.engine.diagram import Diagram


def story_faults(story: Story, files: Mapping[str, bytes]) -> list[Fault]:
    """The faults of a story against a tree. What of the tree is itself broken is passed over: it has its own faults."""
    check = _StoryCheck(story, files)
    check.run()
    return check.faults


class _StoryCheck:
    def __init__(self, story: Story, files: Mapping[str, bytes]) -> None:
        self.faults: list[Fault] = []
        self._story = story
        self._files = files
        self._documents = documents_of(files)
        # a story of one process may walk on into the others that its messages start
        self._diagrams = [diagram for process in list_processes(files) for diagram in self._diagram(process)]

    def run(self) -> None:
        process = self._story.process
        if diagram_path(process) not in self._files:
            self._note(1, process, "unknown-process", f"没有流程“{process}”", f"There is no process “{process}”")
            return
        for step in self._story.steps:
            self._tasks(step)
            self._answers(step)
            self._expected(step)
        self._ends()

    def _note(self, line: int, element: str, code: str, zh: str, en: str) -> None:
        self.faults.append(Fault(file=self._story.file, line=line, element=element, code=code, zh=zh, en=en))

    def _diagram(self, process: str) -> Iterator[Diagram]:
        path = diagram_path(process)
        if path in self._files:
            try:
                yield diagram_of(self._files[path], path)
            except BrokenBundle:
                return

    def _keys(self, task: str) -> set[str] | None:
        """The names that the forms of tasks of this id can take; None where there is none, or one is broken."""
        keys: set[str] = set()
        found = False
        for diagram in self._diagrams:
            node = diagram.nodes.get(task)
            path = form_path(diagram.id, node.properties.get("form", "")) if node else ""
            if path in self._files:
                try:
                    keys |= set(form_of(self._files[path], path).keys)
                except BrokenBundle:
                    return None
                found = True
        return keys if found else None

    def _tasks(self, step: Step) -> None:
        for task in [step.task, *map(str, step.expect.get("open", ()))]:
            if task and not any(task in diagram.nodes for diagram in self._diagrams):
                self._note(step.line, task, "unknown-task", f"流程图中没有“{task}”", f"No diagram has “{task}”")

    def _answers(self, step: Step) -> None:
        keys = self._keys(step.task)
        for name in step.answers if keys is not None else ():
            if keys is not None and name not in {*keys, KEY, *(step.refused or ())}:
                self._note(
                    step.line,
                    name,
                    "unknown-answer",
                    f"任务“{step.task}”的表单没有“{name}”",
                    f"The form of “{step.task}” has no “{name}”",
                )

    def _expected(self, step: Step) -> None:
        for code in map(str, step.expect.get("documents", ())):
            if code not in self._documents:
                self._note(step.line, code, "unknown-document", f"没有文书“{code}”", f"There is no document “{code}”")
        limits = step.expect.get("deadlines", {})
        if not limits or DEADLINES not in self._files:
            return
        try:
            register = loaded(load_register, self._files[DEADLINES])
        except BrokenBundle:
            return
        for rule in limits:
            if rule not in register:
                self._note(
                    step.line,
                    rule,
                    "unknown-deadline",
                    f"期限登记册中没有 {rule}",
                    f"The register has no limit {rule}",
                )

    def _ends(self) -> None:
        pools = {pool.process_id for diagram in self._diagrams for pool in diagram.pools}
        for pool, end in self._story.ends.items():
            node = next(
                (
                    diagram.nodes[end]
                    for diagram in self._diagrams
                    if end in diagram.nodes and diagram.nodes[end].pool == pool
                ),
                None,
            )
            if pool not in pools:
                self._note(1, pool, "unknown-pool", f"没有泳池“{pool}”", f"There is no pool “{pool}”")
            elif node is None or node.position != "end":
                self._note(
                    1,
                    end,
                    "unknown-end",
                    f"泳池“{pool}”没有结束事件“{end}”",
                    f"The pool “{pool}” has no end event “{end}”",
                )
