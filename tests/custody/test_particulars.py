"""What entries tell beside the sums is proved with them, and exports of the first form stay whole."""

import json
from random import Random

import pytest

from app.domain.custody_chain import canonical, digest, entry_from_plain, entry_to_plain, link
from app.domain.errors import Invalid
from app.services.custody_proof import verify
from app.services.custody_report import entry_words
from tests.custody.acts import an_act
from tests.custody.mutations import sealed
from tests.custody.random_trails import random_trail


def reseal(content: dict) -> bytes:
    """Make every hash fit again, as a forger with the program would."""
    heads: dict[str, str] = {}
    for row in content["entries"]:
        row["previous"] = heads.get(row["item"], row["previous"])
        row["hash"] = digest({key: value for key, value in row.items() if key != "hash"})
        heads[row["item"]] = row["hash"]
    for row in content["items"]:
        row["head"] = heads[row["code"]]
    return canonical(sealed(content))


@pytest.fixture(scope="module")
def split_trail() -> dict:
    """Give a random case without hand-overs in which an item was split."""
    for seed in range(500):
        content = json.loads(random_trail(Random(f"split{seed}"), steps=8))
        if not content["handovers"] and any("into" in row.get("particulars", {}) for row in content["entries"]):
            return content
    raise AssertionError("no random trail has a split")


def test_an_entry_that_tells_nothing_is_hashed_as_it_always_was():
    entry = link(an_act(), seq=1, previous="0" * 64)
    assert "particulars" not in entry_to_plain(entry)
    # As the first edition of the program wrote it: exports of that day have to stay whole.
    assert entry.hash == "c76290889a301b8ffba5dc93023ff2db32fecd6df182c271c3d919b07d572155"


def test_an_entry_that_tells_something_is_read_back():
    entry = link(an_act(particulars={"split_from": "E-00"}), seq=1, previous="0" * 64)
    assert entry_from_plain(entry_to_plain(entry)) == entry
    assert entry.hash != link(an_act(), seq=1, previous="0" * 64).hash


@pytest.mark.parametrize(
    "particulars",
    [
        {},
        {"split_from": 1},
        {"split_from": ""},
        {"split_from": "E-0\u200b"},
        {"method": "焚烧"},
        [],
        {"split_from": None},
    ],
)
def test_particulars_that_are_not_plain_are_refused(particulars):
    plain = {**entry_to_plain(link(an_act(), seq=1, previous="0" * 64)), "particulars": particulars}
    with pytest.raises(Invalid):
        entry_from_plain(plain)


def test_a_file_says_which_form_it_has(split_trail):
    assert split_trail["format"] == "xianjie-custody/2"
    assert verify(canonical(split_trail)) == []
    assert [finding.at for finding in verify(canonical(sealed({**split_trail, "format": "xianjie-custody/1"})))] == [
        "format"
    ]


@pytest.mark.parametrize("key", ["into", "split_from"])
def test_a_link_that_only_one_side_tells_is_found(split_trail, key):
    content = json.loads(json.dumps(split_trail))
    for row in content["entries"]:
        row.get("particulars", {}).pop(key, None)
        if row.get("particulars") == {}:
            del row["particulars"]
    findings = verify(reseal(content))
    assert {finding.at for finding in findings} == {"particulars"}


def test_parts_that_do_not_add_up_are_found(split_trail):
    content = json.loads(json.dumps(split_trail))
    rows = content["entries"]
    into = next(row for row in rows if "into" in row.get("particulars", {}))
    part = into["particulars"]["into"].split("、")[0]
    into["particulars"]["into"] = part
    for row in rows:
        if row.get("particulars", {}).get("split_from") == into["item"] and row["item"] != part:
            row["particulars"] = {"split_from": "E-99"}
    assert "particulars" in {finding.at for finding in verify(reseal(content))}


def test_the_papers_tell_what_an_entry_tells():
    entry = link(an_act(particulars={"split_from": "E-00"}), seq=1, previous="0" * 64)
    assert entry_words(entry_to_plain(entry), {})["particulars"] == [{"words": "拆分自", "value": "E-00"}]
    assert entry_words(entry_to_plain(link(an_act(), seq=1, previous="0" * 64)), {})["particulars"] == []
