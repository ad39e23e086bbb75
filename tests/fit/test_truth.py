"""What files say of pictures, in each of their shapes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logidsl.diagnostics import InputError
from logidsl.fit.truth import Expectation, GroundTruth, Names, read_truth

NAMES = Names(frozenset({"pin", "red_pin"}), frozenset({"missing_pin", "extra_cable"}))


def truth(folder: Path, text: str, name: str = "truth.json", names: Names = NAMES) -> GroundTruth:
    (folder / name).write_text(text)
    return read_truth(folder / name, names)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("pass", Expectation("pass")),
        ("normal", Expectation("pass")),
        ("logically normal; a scratch", Expectation("pass")),
        ("structural scratch", Expectation("pass")),
        (True, Expectation("pass")),
        (False, Expectation("fail")),
        ("bad", Expectation("fail")),
        ("NG", Expectation("fail")),
        ("review", Expectation("review")),
        ("missing_pin", Expectation("fail", frozenset({"missing_pin"}))),
        ("logical extra_cable", Expectation("fail", frozenset({"extra_cable"}))),
        ("logical anomaly: total is 15", Expectation("fail")),
        (["missing_pin", "extra_cable"], Expectation("fail", frozenset({"missing_pin", "extra_cable"}))),
        ([], Expectation("pass")),
        ({"pin": 3}, Expectation(None, None, {"pin": 3})),
        ({"counts": {"pin": 3}, "verdict": "fail"}, Expectation("fail", None, {"pin": 3})),
        ({"normal": True, "defects": {}}, Expectation("pass")),
        ({"normal": False, "defects": {"extra_cable": 2}}, Expectation("fail", frozenset({"extra_cable"}))),
        ({"labels": "missing_pin; extra_cable"}, Expectation("fail", frozenset({"missing_pin", "extra_cable"}))),
    ],
)
def test_an_entry_is_a_verdict_labels_or_counts(value: object, expected: Expectation, tmp_path: Path) -> None:
    assert truth(tmp_path, json.dumps({"a.png": value})).pictures == {"a.png": expected}


def test_the_shapes_of_json(tmp_path: Path) -> None:
    wanted = {"a.png": Expectation(None, None, {"pin": 3}), "b.png": Expectation("fail")}
    rows = [{"picture": "a.png", "pin": 3}, {"file": "b.png", "verdict": "fail"}]
    assert truth(tmp_path, json.dumps(rows)).pictures == wanted
    report = {"images": [{"path": "b.png", "verdict": "fail", "labels": ["missing_pin"], "score": 1.0, "findings": []}]}
    found = truth(tmp_path, json.dumps(report)).pictures
    assert found == {"b.png": Expectation("fail", frozenset({"missing_pin"}))}
    assert truth(tmp_path, '{"pin": 3}').pictures == {"": Expectation(None, None, {"pin": 3})}


@pytest.mark.parametrize(
    "text",
    [
        "picture,pin,verdict\na.png,3,\nb.png,,fail\n",
        "Image;pin;Verdict\r\na.png;3;\r\nb.png;;bad\r\n",
        "file\tverdict\tclass\tcount\na.png\t\tpin\t3\nb.png\tfail\t\t\n",
    ],
)
def test_the_shapes_of_csv(text: str, tmp_path: Path) -> None:
    wanted = {"a.png": Expectation(None, None, {"pin": 3}), "b.png": Expectation("fail")}
    assert truth(tmp_path, text, "truth.csv").pictures == wanted


def test_names_of_the_truth_are_renamed_or_left_out(tmp_path: Path) -> None:
    names = Names(NAMES.classes, NAMES.labels, {"red": "red_pin", "total": "", "cable": "extra_cable"})
    found = truth(tmp_path, '{"a": {"red": 2, "total": 5}, "b": "cable"}', names=names).pictures
    assert found == {"a": Expectation(None, None, {"red_pin": 2}), "b": Expectation("fail", frozenset({"extra_cable"}))}


def test_a_bad_picture_stays_bad_where_its_labels_are_left_out(tmp_path: Path) -> None:
    names = Names(NAMES.classes, NAMES.labels, {"scratch": ""})
    found = truth(tmp_path, '{"a": ["scratch"], "b": ["scratch", "missing_pin"]}', names=names).pictures
    assert found == {"a": Expectation("fail"), "b": Expectation("fail")}


def test_what_is_said_of_other_pictures_need_not_suit_the_spec(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"a": {"pin": 2}, "b": {"coins": 24}}')
    found = read_truth(tmp_path / "t.json", NAMES, lambda name: name == "a")
    assert (list(found.pictures), found.others) == (["a"], ("b",))


def test_what_is_neither_is_left_out_with_a_note(tmp_path: Path) -> None:
    found = truth(tmp_path, '{"a": {"pin": 2, "grid": [[1]], "loco_file": "x.png"}}')
    assert found.pictures == {"a": Expectation(None, None, {"pin": 2})}
    assert "`grid`, `loco_file`" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ('{"a.png": {"pinn": 3}}', "t.json", "the spec has no class `pinn`: expected one of `pin`, `red_pin`; did you"),
        (
            '{"a.png": {"red": 3}}',
            "t.json",
            "did you mean `red_pin`?; or map it with --name red=CLASS, or ignore it with --name red=",
        ),
        ('{"a.png": ["mising_pin"]}', "t.json", "no label `mising_pin`"),
        ('{"a.png": "perhaps"}', "t.json", "`a.png`: expected a verdict"),
        ('{"a.png": {"pin": -1}}', "t.json", "expected a count for `pin`, found `-1`"),
        ('{"a.png": {"pin": 2.5}}', "t.json", "expected a count for `pin`"),
        ('{"a.png": {"verdict": "pass", "labels": ["missing_pin"]}}', "t.json", "`a.png`: contradictory truth"),
        ('{"a.png": 3, "b.png": "pass"}', "t.json", "no class `a.png`"),
        ('{"a.png": "pass", "a.png": "fail"}', "t.json", "contradictory truth: t.json says two things of `a.png`"),
        ("{", "t.json", "it is not JSON"),
        ("{}", "t.json", "contains no results"),
        ("[1]", "t.json", "expected rows with a `picture`"),
        ("pin\n3\n", "t.csv", "expected a column `picture`, found `pin`"),
        ("picture,pin\na.png,3\na.png,4\n", "t.csv", "contradictory truth: t.csv says of `a.png` both 3 pin and 4 pin"),
        ("picture,pin\na.png\n", "t.csv", "expected 2 fields in row 2, found 1"),
        ("picture,pin,pin\na.png,3,3\n", "t.csv", "two columns `pin`"),
    ],
)
def test_bad_truth_gets_a_message(text: str, name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        truth(tmp_path, text, name)
    assert message in str(told.value).replace(f"{tmp_path}/", "")


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_truth(tmp_path / "no.json", NAMES)
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_truth(tmp_path / "b.json", NAMES)
