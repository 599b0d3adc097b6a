import pytest

from app.domain.errors import BrokenBundle, NotFound, Stuck
from app.engine.definition import load_definition
from app.engine.expressions import ExpressionError
from app.engine.rules import read_tables
from tests.engine.drawing import END, START, node, path, simple, user
from tests.engine.playing import Play


def table(
    *rules, inputs=("amount",), outputs=("route",), policy="FIRST", head="https://www.omg.org/spec/DMN/20191111/MODEL/"
):
    columns = "".join(f"<input><inputExpression><text>{text}</text></inputExpression></input>" for text in inputs)
    columns += "".join(f'<output name="{name}" />' for name in outputs)
    rows = ""
    for cells, results in rules:
        rows += "<rule>" + "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
        rows += "".join(f"<outputEntry><text>{result}</text></outputEntry>" for result in results) + "</rule>"
    return (
        f'<definitions xmlns="{head}" id="Tables" name="t" namespace="x"><decision id="Decision_route" name="r">'
        f"<decisionTable {'' if not policy else 'hitPolicy=' + chr(34) + policy.split()[0] + chr(34)}"
        f"{' aggregation=' + chr(34) + policy.split()[1] + chr(34) if ' ' in policy else ''}>"
        f"{columns}{rows}</decisionTable></decision></definitions>"
    ).encode()


def decide(xml, **variables):
    return read_tables(xml, file="t.dmn")["Decision_route"].decide(variables, {"today": lambda: "2026-03-12"})


@pytest.mark.parametrize(
    ("cell", "amount", "holds"),
    [
        ("", 5, True),
        ("-", None, True),
        ("5", 5, True),
        ("5", 6, False),
        ("'a'", "a", True),
        ("'a', 'b'", "b", True),
        ("'a', 'b'", "c", False),
        ("&gt;= 2000", 2000, True),
        ("&gt;= 2000", 1999, False),
        ("in ('a', 'b')", "a", True),
        ("not in ('a', 'b')", "a", False),
        ("!= null", None, False),
        ("18 &lt;= cell &lt; 60", 59, True),
        ("18 &lt;= cell &lt; 60", 60, False),
        ("limit", 7, True),
        ("&gt; limit", 8, True),
    ],
)
def test_a_cell_holds(cell, amount, holds):
    found = decide(table(((cell,), ("'yes'",)), (("-",), ("'no'",))), amount=amount, limit=7)
    assert found == {"route": "yes" if holds else "no"}


def test_hit_policies():
    rules = [(("&gt; 1",), ("amount",)), (("&gt; 2",), ("amount * 2",))]
    assert decide(table(*rules), amount=5) == {"route": 5}
    assert decide(table(*rules, policy="UNIQUE"), amount=2) == {"route": 2}
    assert decide(table(*rules, policy="UNIQUE"), amount=0) == {"route": None}
    with pytest.raises(Exception, match="2 rules"):
        decide(table(*rules, policy="UNIQUE"), amount=5)
    assert decide(table(*rules, policy="COLLECT"), amount=5) == {"route": [5, 10]}
    assert decide(table(*rules, policy="COLLECT SUM"), amount=5) == {"route": 15}
    assert decide(table(*rules, policy="COLLECT MAX"), amount=5) == {"route": 10}
    assert decide(table(*rules, policy="COLLECT MIN"), amount=0) == {"route": None}
    assert decide(table(*rules, policy="COLLECT COUNT"), amount=5) == {"route": 2}
    with pytest.raises(ExpressionError):
        decide(table(*rules, *rules, policy="COLLECT SUM"), amount=2**52)
    with pytest.raises(ExpressionError):
        decide(table((("-",), ("'a'",)), policy="COLLECT SUM"), amount=5)


def test_the_names_a_table_reads_are_known():
    found = read_tables(table((("&gt; limit",), ("rate",)), inputs=("amount - paid",)), file="t.dmn")
    assert found["Decision_route"].names == {"limit", "rate", "amount", "paid"}
    assert found["Decision_route"].outputs == ("route",)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "empty-file"),
        (b"{}", "not-xml"),
        (b"<a/>", "not-dmn"),
        (b"<!DOCTYPE a><a/>", "doctype"),
        (table((("[18..40]",), ("1",))), "broken-expression"),
        (table((("open('x')",), ("1",))), "broken-expression"),
        (table((("5",), ("__import__('os')",))), "broken-expression"),
        (table((("5", "6"), ("1",))), "ragged-rule"),
        (table((("5",), ("1",)), policy="PRIORITY"), "hit-policy"),
        (table((("5",), ("1",)), outputs=("Rate %",)), "bad-variable"),
        (table(), "empty-table"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"></definitions>', "no-table"),
    ],
)
def test_a_broken_table_names_its_fault(xml, code):
    with pytest.raises(BrokenBundle) as caught:
        read_tables(xml, file="t.dmn")
    assert code in {fault.code for fault in caught.value.faults}
    assert {fault.file for fault in caught.value.faults} == {"t.dmn"}


DECIDING = [
    START,
    user("Task_a"),
    node(
        "businessRuleTask",
        "Rule_b",
        "<bpmn:extensionElements><spiffworkflow:calledDecisionId>Decision_route</spiffworkflow:calledDecisionId>"
        "</bpmn:extensionElements>",
    ),
    END,
    path("Start_1", "Task_a", "Rule_b", "End_1"),
]


def test_a_business_rule_task_sets_the_outputs_of_its_table():
    tables = {"route.dmn": table((("&gt; 10",), ("'big'",)), (("-",), ("'small'",)))}
    play = Play(simple(*DECIDING), tables=tables)
    assert play.do("Task_a", amount=11).variables == {"amount": 11, "route": "big"}
    stuck = Play(simple(*DECIDING), tables=tables)
    with pytest.raises(Stuck) as caught:
        stuck.do("Task_a")
    assert caught.value.at == "Rule_b"


def test_a_missing_table_is_a_fault():
    with pytest.raises(BrokenBundle) as caught:
        load_definition(simple(*DECIDING), "demo_adm")
    assert [(fault.code, fault.element) for fault in caught.value.faults] == [("unknown-decision", "Rule_b")]


def test_a_definition_is_read_once():
    xml = simple(*DECIDING[:2], END, path("Start_1", "Task_a", "End_1"))
    first = load_definition(xml, "demo_adm")
    assert load_definition(bytes(bytearray(xml)), "demo_adm", tables={}) is first
    assert load_definition(xml.replace(b"\xe7\xa4\xba\xe4\xbe\x8b", b"x"), "demo_adm").key != first.key


def test_an_unknown_process_is_not_found():
    with pytest.raises(NotFound):
        load_definition(simple(START, END, path("Start_1", "End_1")), "demo_pol")


def test_a_broken_diagram_is_not_loaded():
    for xml in (b"", b"x", simple(START)):
        with pytest.raises(BrokenBundle):
            load_definition(xml, "demo_adm")
