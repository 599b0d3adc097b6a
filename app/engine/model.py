"""A diagram as plain values: pools, lanes, nodes, flows and messages, free of XML and of the engine library."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.engine.expressions import Expression, Script

KINDS = ("adm", "pol", "proc", "crt", "det", "exec", "hot", "c110", "coord", "sup")
"""Kinds of agency a pool may belong to."""

GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"})
WAITING_TASKS = frozenset({"userTask", "manualTask", "serviceTask", "receiveTask"})
PEOPLE_TASKS = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A lane says whose tasks lie in it: `role` is a key of `bpmn/_shared/roles.yaml`."""

    id: str
    name: str
    name_en: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One agency's part. `variables`: the names its own expressions and properties read, which its instance keeps.

    `kind` is the last word of `process_id`; `kinds` are the kinds of agency that may take the part, which is that one
    unless the diagram names others. `correlate`: the variable by which a letter finds its instance, when an agency may
    have several in one case. `subject`: the variable that holds the code of the party the instance is about.
    """

    process_id: str
    participant_id: str
    name: str
    name_en: str
    kind: str
    lanes: tuple[Lane, ...]
    variables: frozenset[str]
    kinds: tuple[str, ...] = ()
    correlate: str = ""
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A flow node. `kind` is its BPMN tag, `event` what its event definition is (message, timer, error, terminate).

    `position`: start, end, catch, throw, boundary, or None for what is no event. `parent`: the sub-process around it.
    """

    id: str
    name: str
    name_en: str
    kind: str
    pool: str
    line: int
    lane: str | None = None
    role: str | None = None
    parent: str | None = None
    position: str | None = None
    event: str | None = None
    message: str | None = None
    payload: str | None = None
    message_variable: str | None = None
    timer: str | None = None
    timer_repeats: bool = False
    error_code: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    script: str | None = None
    decision: str | None = None
    default: str | None = None
    operator: str | None = None
    result_variable: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    instructions: str = ""
    instructions_en: str = ""

    @property
    def in_subprocess(self) -> bool:
        """Whether it lies inside an embedded sub-process."""
        return self.parent is not None


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A sequence flow; `condition` is an expression or None."""

    id: str
    name: str
    name_en: str
    source: str
    target: str
    condition: str | None
    pool: str
    line: int


@dataclass(frozen=True, kw_only=True)
class MessageFlow:
    """A message flow between pools; source and target are ids of nodes or participants."""

    id: str
    name: str
    name_en: str
    source: str
    target: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Use:
    """An expression or script where it stands: `place` says which field of the element holds it."""

    element: str
    line: int
    pool: str
    place: str
    code: Expression | Script


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """A checked collaboration; `messages` maps message id to its Chinese name, `xml` is the file as it was read."""

    id: str
    name: str
    name_en: str
    file: str
    pools: tuple[Pool, ...]
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    message_flows: tuple[MessageFlow, ...]
    messages: Mapping[str, str]
    expressions: tuple[Use, ...]
    xml: bytes
