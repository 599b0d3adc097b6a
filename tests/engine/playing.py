"""Plays a process in tests: saves and loads the state at every step, with a clock that only moves when told."""

from datetime import UTC, datetime, timedelta

from app.engine import runner
from app.engine.definition import load_definition
from app.engine.moments import SHANGHAI

T0 = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)


class Play:
    """One instance; `step` is what the last event led to."""

    def __init__(self, xml, process_id="demo_adm", /, *, message=None, tables=None, begin=True, **variables):
        self.definition = load_definition(xml, process_id, tables=tables)
        self.now = T0
        self.walked = []
        if not begin:
            return
        if message is None:
            step = runner.start(self.definition, variables=variables, now=T0, functions=self.functions())
        else:
            step = runner.start_by_message(
                self.definition, message=message, payload=variables, now=T0, functions=self.functions()
            )
        self._took(step)

    def functions(self):
        local = self.now.astimezone(SHANGHAI)
        return {
            "due": lambda rule, start=None: start or (local + timedelta(days=int(rule[1:]))).isoformat(),
            "now": local.isoformat,
            "today": lambda: local.date().isoformat(),
        }

    def _took(self, step):
        self.step = step
        self.walked += step.walked
        return step

    @property
    def open(self):
        return sorted(task.element for task in self.step.open)

    @property
    def waiting(self):
        return sorted(element for _, element in self.step.waiting)

    def task(self, element):
        return next(task for task in self.step.open if task.element == element)

    def do(self, element, /, *, result=None, **variables):
        return self.complete(self.task(element).id, result=result, **variables)

    def complete(self, task_id, /, *, result=None, **variables):
        return self._took(
            runner.complete(
                self.definition,
                self.step.state,
                task_id=task_id,
                variables=variables,
                result=result,
                now=self.now,
                functions=self.functions(),
            )
        )

    def receive(self, message, /, **payload):
        return self._took(
            runner.deliver(
                self.definition,
                self.step.state,
                message=message,
                payload=payload,
                now=self.now,
                functions=self.functions(),
            )
        )

    def wait(self, **span):
        self.now += timedelta(**span)
        return self._took(
            runner.fire_timers(self.definition, self.step.state, now=self.now, functions=self.functions())
        )
