import pytest

from app.catalogue.located import line_of, read_json, read_yaml
from app.domain.errors import BrokenBundle


def test_json_objects_know_their_line():
    read = read_json('{"a": 1,\n "b": [\n  {"c": 1},\n\n  {"d": {"e": 1}}]}', file="f")
    assert [line_of(read), *map(line_of, read["b"]), line_of(read["b"][1]["d"])] == [1, 3, 5, 5]
    assert line_of("text", 7) == 7


def test_yaml_mappings_know_their_line_and_words_stay_words():
    read = read_yaml(
        "on: no\nat: 2026-03-12\nclock: 12:30\ncourt: 0583\nrows:\n  - {n: 3, x: 1.5, t: true, e: }\n", file="f"
    )
    assert read == {
        "on": "no",
        "at": "2026-03-12",
        "clock": "12:30",
        "court": "0583",
        "rows": [{"n": 3, "x": 1.5, "t": True, "e": None}],
    }
    assert line_of(read["rows"][0]) == 6


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x",
        "a: 1\na: 2",
        "[",
        "!!python/object/apply:os.system [id]",
        "[" * 3000,
        "a: \x07",
        "? [a]\n: 1\n? {b: [}\n",
    ],
    ids=range(7),
)
def test_yaml_that_is_more_than_data_is_refused(text):
    with pytest.raises(BrokenBundle) as broken:
        read_yaml(text, file="f")
    assert broken.value.faults[0].code == "not-yaml"
