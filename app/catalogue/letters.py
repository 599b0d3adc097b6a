"""Whether every message sent inside a diagram also arrives: a message flow must carry it."""

from collections.abc import Iterator

from app.catalogue.variables import receives, sends
from app.domain.errors import Fault
from app.engine.diagram import Diagram, MessageFlow, Node


def message_faults(diagram: Diagram) -> Iterator[Fault]:
    """Senders and receivers of one message in two pools that no message flow joins.

    A message nobody here sends or receives may belong to another process and is left alone.
    """
    for node in diagram.nodes.values():
        if sends(node):
            yield from _sender_faults(diagram, node)
        elif receives(node) and node.parent is None:
            yield from _receiver_faults(diagram, node)


def _sender_faults(diagram: Diagram, node: Node) -> Iterator[Fault]:
    if any(flow.source == node.id for flow in diagram.message_flows):
        return
    receiver = next((other for other in _others(diagram, node) if receives(other)), None)
    if receiver is not None:
        yield _fault(
            diagram,
            node,
            f"没有从“{node.id}”到“{receiver.id}”的消息流，消息不会送达",
            f"No message flow leads from “{node.id}” to “{receiver.id}”: the message would not arrive",
        )


def _receiver_faults(diagram: Diagram, node: Node) -> Iterator[Fault]:
    sent = any(sends(other) for other in _others(diagram, node))
    if sent and not any(_brings(diagram, flow, node) for flow in diagram.message_flows):
        yield _fault(
            diagram,
            node,
            f"没有消息流把“{node.message}”送到“{node.id}”",
            f"No message flow brings “{node.message}” to “{node.id}”",
        )


def _others(diagram: Diagram, node: Node) -> Iterator[Node]:
    return (other for other in diagram.nodes.values() if other.message == node.message and other.pool != node.pool)


def _brings(diagram: Diagram, flow: MessageFlow, node: Node) -> bool:
    """A start is begun only by a flow that leads to it; anything else waits for what reaches its pool."""
    if flow.target == node.id:
        return True
    source, target = diagram.nodes.get(flow.source), diagram.nodes.get(flow.target)
    if node.position == "start" or source is None or source.message != node.message:
        return False
    participants = {pool.participant_id: pool.process_id for pool in diagram.pools}
    return (target.pool if target else participants.get(flow.target)) == node.pool


def _fault(diagram: Diagram, node: Node, zh: str, en: str) -> Fault:
    return Fault(file=diagram.file, line=node.line, element=node.id, code="no-message-flow", zh=zh, en=en)
