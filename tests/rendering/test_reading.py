import subprocess
import sys

import pytest

from app.catalogue.documents import collect, read_document
from app.domain.errors import BrokenBundle, InvalidAnswers
from tests.houses import ROOT
from tests.rendering.sheets import HEAD, a_document

BODY = "<p>{{ reason }}</p>\n<p>{{ amount|money|or_blank }}</p>\n"


def faults_of(text):
    with pytest.raises(BrokenBundle) as broken:
        read_document(text, file="documents/lend_case/adm_letter.html")
    assert all(fault.zh and fault.en and fault.file.endswith("adm_letter.html") for fault in broken.value.faults)
    return [(fault.code, fault.line, fault.element) for fault in broken.value.faults]


def test_a_document_says_what_it_is():
    template = a_document(BODY)
    assert (template.code, template.title, template.issuer, template.layout) == (
        "adm_letter",
        "案件移送书",
        "adm",
        "letter",
    )
    assert (template.series, template.seal, template.copies, template.number) == ("adm_letter", "none", (), "")
    assert [(field.key, field.type, field.required, field.line) for field in template.fields] == [
        ("reason", "text", True, 7),
        ("amount", "money", False, 8),
    ]
    assert (template.uses, template.body_line, template.body) == (("parties",), 11, BODY.rstrip("\n"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title: 案件移送书\n", "", ("no-title", 1, "title")),
        ("layout: letter\n", "", ("no-layout", 1, "layout")),
        ("issuer: adm\n", "", ("no-issuer", 1, "issuer")),
        ("issuer: adm", "issuer: fbi", ("unknown-issuer", 4, "issuer")),
        ("layout: letter", "layout: poster", ("unknown-layout", 5, "layout")),
        ("layout: letter", "layout: letter\nseal: X", ("unknown-seal", 6, "seal")),
        ("layout: letter", "layout: letter\ncopies: [C, X]", ("unknown-copies", 6, "copies")),
        ("layout: letter", "layout: letter\ncopies: [C, C]", ("listed-twice", 6, "copies")),
        ("layout: letter", "layout: letter\ncopies_to: proc", ("bad-list", 6, "copies_to")),
        ("layout: letter", "layout: letter\ncolour: red", ("unknown-key", 6, "colour")),
        ("layout: letter", "layout: letter\ntitle: 又一个", ("not-yaml", 6, "")),
        ("layout: letter", "layout: [letter", ("not-yaml", 6, "")),
        ("layout: letter", "layout: letter\nnumber: '[{year}]{serial}号'", ("bad-number", 6, "number")),
        ("layout: letter", "layout: letter\nnumber: '{short}移号'", ("bad-number", 6, "number")),
        ("layout: letter", "layout: letter\ndate: Der Tag", ("bad-name", 6, "date")),
        ("layout: letter", "layout: letter\ndate: 5", ("bad-text", 6, "date")),
        ("type: money", "type: coin", ("unknown-type", 8, "amount")),
        ("type: money", "colour: red", ("unknown-key", 8, "amount")),
        ("key: amount", "key: reason", ("duplicate-field", 8, "reason")),
        ("key: amount", "key: Amount", ("bad-name", 8, "Amount")),
        ("label: 金额, ", "", ("no-label", 8, "amount")),
        ("required: true", "required: perhaps", ("bad-flag", 7, "reason")),
        ("uses: [parties]", "uses: [cars]", ("unknown-uses", 9, "uses")),
        ("---\n", "", ("no-front-matter", 1, "adm_letter")),
        ("{{ reason }}", "{{ reson }}", ("unknown-name", 11, "reson")),
        ("<p>{{ amount|money", "<p>{{ amount|coin", ("template-syntax", 12, "adm_letter")),
        ("{{ reason }}", "{{ reason|safe }}", ("template-syntax", 11, "adm_letter")),
        ("<p>{{ amount", "{% if %}{{ amount", ("template-syntax", 12, "adm_letter")),
        ("<p>{{ amount", "{% include 'x' %}{{ amount", ("forbidden-template", 12, "include")),
        ("<p>{{ amount", "{% import 'x' as y %}{{ amount", ("forbidden-template", 12, "import")),
        ("<p>{{ amount", "{% from 'x' import y %}{{ amount", ("forbidden-template", 12, "from")),
        (
            "<p>{{ amount",
            "{% autoescape false %}{{ reason }}{% endautoescape %}{{ amount",
            ("forbidden-template", 12, "autoescape"),
        ),
        ("<p>{{ amount", "<p style='display : flex'>{{ amount", ("forbidden-css", 12, "display : flex")),
        ("<p>{{ amount", "<p style='display:/* */inline-grid'>{{ amount", ("forbidden-css", 12, "display:inline-grid")),
        ("<p>{{ amount", "<p style='displ\\61 y:flex'>{{ amount", ("forbidden-css", 12, "display:flex")),
        ("<p>{{ amount", "<p style='displ&#97;y:flex'>{{ amount", ("forbidden-css", 12, "display:flex")),
        ("<p>{{ amount", "<p style='float:left'>{{ amount", ("forbidden-css", 12, "float:")),
        ("<p>{{ amount", "<script>x</script>{{ amount", ("script", 12, "<script")),
        ("<p>{{ amount", "<img src='/etc/passwd'>{{ amount", ("external-url", 12, "<img src='")),
        ("<p>{{ amount", "<img src='//x.example/a'>{{ amount", ("external-url", 12, "<img src='")),
        ("<p>{{ amount", "<style>@import 'x'</style>{{ amount", ("external-url", 12, "@import")),
        ("<p>{{ amount", "<p style='background:url( x.png )'>{{ amount", ("external-url", 12, "url(")),
        ("<p>{{ amount", "http://x.example{{ amount", ("external-url", 12, "http:/")),
        ("<p>{{ amount", "file:///etc{{ amount", ("external-url", 12, "file:/")),
    ],
)
def test_a_fault_is_told_on_its_line(old, new, expected):
    text = HEAD + BODY
    assert old in text
    assert expected in faults_of(text.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "---\n---\n", "---\n- a\n---\nx", "<p>x</p>", "---\ntitle: x\n", "x" * 200_001])
def test_what_is_no_document_is_refused(text):
    assert faults_of(text)


def test_all_faults_are_told_at_once():
    text = (HEAD + BODY).replace("issuer: adm", "issuer: fbi").replace("reason }}", "reson }}{% extends 'x' %}")
    assert [code for code, _, _ in faults_of(text)] == ["unknown-issuer", "forbidden-template", "unknown-name"]


@pytest.mark.parametrize(
    "body",
    [
        "{% for party in parties %}{{ loop.index|cn_number }}{{ party.name }}{% endfor %}",
        "{% set data = 'x' %}{{ data }}{% macro row(p) %}{{ p }}{% endmacro %}{{ row(reason) }}",
        "<svg xmlns='http://www.w3.org/2000/svg'></svg><img src='data:image/png;base64,'><a href='#seal'>x</a>",
        "<img src='asset:seal.svg'>{{ case.number }}{{ agency.name }}{{ issued.pol_letter.number }}{{ title }}",
    ],
)
def test_what_a_body_needs_is_allowed(body):
    assert a_document(body).body == body


def test_only_declared_fields_are_collected():
    template = a_document(BODY)
    assert collect(template, {"reason": "事由", "amount": " ", "other": 1}) == {"reason": "事由", "amount": None}


@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_a_missing_mandatory_field_is_named(empty):
    with pytest.raises(InvalidAnswers) as refused:
        collect(a_document(BODY), {"reason": empty})
    assert list(refused.value.fields) == ["reason"]
    ((zh, en),) = refused.value.fields["reason"]
    assert "事由" in zh
    assert "Reason" in en


@pytest.mark.parametrize("kept", [0, False])
def test_nought_and_no_are_answers(kept):
    assert collect(a_document(BODY), {"reason": kept})["reason"] == kept


@pytest.mark.parametrize(
    "constant",
    [
        "{{ '%3000000000d' % 1 }}",
        "{{ 'x' * 30000000000 }}",
        "{{ 9 ** (9 ** 9) }}",
        "{{ 'x' | center(3000000000) }}",
        "{% if 9 ** (9 ** 9) %}x{% endif %}",
        "{% autoescape 'x' * 30000000000 %}x{% endautoescape %}",
    ],
)
def test_a_constant_is_not_worked_out_while_a_document_is_read(constant):
    # In a process of its own: the constants would fill the machine. Its peak is asked of the kernel by VmHWM, in KiB,
    # which begins anew with the program; ru_maxrss would begin with the peak of the process that started it.
    program = f"""
import resource
resource.setrlimit(resource.RLIMIT_CPU, (8, 8))
from app.domain.errors import BrokenBundle
from app.catalogue.documents import read_document
from tests.rendering.sheets import HEAD
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
try:
    read_document(HEAD + {constant!r}, file="documents/lend_case/adm_letter.html")
except BrokenBundle as broken:
    assert [fault.code for fault in broken.faults] == ["forbidden-template"]
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
assert int(status["VmHWM"].split()[0]) < 500_000
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT).returncode == 0


@pytest.mark.parametrize("body", ["{{ " + "9" * 5000 + " }}", "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}"])
def test_a_template_too_large_to_read_is_refused(body):
    assert [code for code, _, _ in faults_of(HEAD + body)] == ["too-deep"]
