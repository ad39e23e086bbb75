"""`object NAME = learned("FILE.parts", …)`: what a spec may say, and what is then found in pictures."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from logidsl.arrays import Pixels
from logidsl.describe import describe
from logidsl.diagnostics import SpecError
from logidsl.extract import see_picture
from logidsl.extract.parts import find, model
from logidsl.extract.parts.features import Maps, features
from logidsl.extract.parts.model import Parts, read_parts
from logidsl.extract.parts.segmentation import Cutting
from logidsl.extract.pixels.picture import picture_of, write_picture
from logidsl.extract.sources.onnx import Session
from logidsl.ir import Program
from logidsl.pipeline import compile_spec, report, see
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.syntax.yaml_write import to_yaml
from logidsl.table import ObjectTable
from logidsl.translate.vocabulary import Vocabulary
from tests.cli.commands import logidsl
from tests.extract.parts.by_hand import BLUE, RED, draw, write_parts

FULL = 'object nut = learned("nuts.parts", 60 %, "hazelnut") where area > 20 px2: 4\n'
FORMS = {
    'learned("nuts.parts")': (None, (), False),
    'learned("nuts.parts", 60 %)': (0.6, (), False),
    'learned("nuts.parts", "hazelnut", "brazil nut")': (None, ("hazelnut", "brazil nut"), False),
    'learned("nuts.parts", box(0 %, 0 %, 50 %, 100 %))': (None, (), True),
    'learned("sub/nuts.parts", sure, box(0 %, 0 %, 50 %, 100 %), kind)': (0.45, ("hazelnut",), True),
}


def spec_of(folder: Path, text: str) -> Program:
    return compile_spec(Source(str(folder / "nuts.logic"), text))


@pytest.mark.parametrize("written", FORMS)
def test_threshold_region_and_classes_may_be_left_out(written: str, tmp_path: Path) -> None:
    score, names, region = FORMS[written]
    text = f'param sure = 45 %\nparam kind = "hazelnut"\nobject nut = {written}\nrule r: count(nut) < 99\n'
    (source,) = spec_of(tmp_path, text).sources
    assert (source.fn, source.score, source.names, source.of is not None) == ("learned", score, names, region)


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        ('learned("../nuts.parts")', "E170", "is not in the spec's folder or below"),
        ('learned("nuts.onnx")', "E171", "`learned` expects a file that ends in .parts, found `nuts.onnx`"),
        (
            'learned("nuts.parts", 3 px)',
            "E172",
            "expected `learned(text, ratio?, region?, text?, …)`, found the argument",
        ),
        ('learned("nuts.parts", "hazelnut", 60 %)', "E172", "found the argument `60 %`"),
        ('learned("nuts.parts", 160 %)', "E114", "a share of 0 to 100 %"),
        ("learned()", "E122", "expected `learned("),
        ('learned("nuts.parts") by x', "E174", "`learned` returns a set, which has no order"),
    ],
)
def test_mistakes_are_diagnostics(written: str, code: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        spec_of(tmp_path, f"object nut = {written}\nrule r: count(nut) = 1\n")
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert message in str(caught.value)


def test_the_yaml_form_is_the_same_program(tmp_path: Path) -> None:
    text = f"logic 1\nspec nuts\n{FULL}"
    program = spec_of(tmp_path, text)
    written = to_yaml(parse(Source("nuts.logic", text))[0])
    again = compile_spec(Source(str(tmp_path / "nuts.yaml"), written))
    spans = [s.span for s in program.sources]
    assert [s.replaced(span=span) for s, span in zip(again.sources, spans, strict=True)] == [*program.sources]


def test_it_is_described(tmp_path: Path) -> None:
    said = " ".join(s.sentence for s in describe(spec_of(tmp_path, FULL)))
    assert (
        'Every "hazelnut" that the parts file "nuts.parts" finds, with a confidence of at least 60 % counts as nut.'
        in said
    )


# ---- in pictures ----

DISCS = [(40, 40, 16, RED), (110, 44, 16, RED), (170, 50, 16, BLUE), (60, 120, 15, BLUE), (200, 120, 16, RED)]


def seen(folder: Path, text: str, discs: list = DISCS) -> ObjectTable:
    write_parts(folder / "discs.parts")
    return see_picture(spec_of(folder, text), picture_of(draw(discs)))


def boxes(table: ObjectTable, name: str) -> list[tuple[float, ...]]:
    """The boxes of a class, in reading order."""
    rows = [i for i, text in enumerate(table.classes.texts()) if text == name]
    columns = [np.asarray(table.columns[c])[rows].tolist() for c in ("x0", "y0", "x1", "y1")]
    return list(zip(*columns, strict=True))


def test_what_was_learned_is_found_where_it_lies(tmp_path: Path) -> None:
    table = seen(
        tmp_path, 'object red_disc = learned("discs.parts")\nobject cap = learned("discs.parts", "Blue discs")'
    )
    for name, colour in (("red_disc", RED), ("cap", BLUE)):
        expected = sorted((y, x, r) for x, y, r, rgb in DISCS if rgb == colour)
        found = boxes(table, name)
        assert len(found) == len(expected)
        for (y, x, r), box in zip(expected, found, strict=True):
            assert box == pytest.approx((x - r, y - r, x + r, y + r), abs=4), (name, x, y)
    assert (np.asarray(table.columns["confidence"]) >= 0.6).all()


def test_outlines_colours_and_columns_are_those_of_blobs(tmp_path: Path) -> None:
    table = seen(tmp_path, 'object red_disc = learned("discs.parts")')
    blobs = seen(tmp_path, "blobs red where hue in -20 deg .. 20 deg and saturation > 50 % then open(2 px)")
    assert set(blobs.columns) - {"cover"} <= set(table.columns)
    assert table.outlines is not None
    for row in range(len(table)):
        for name in ("area", "perimeter", "length", "thickness", "path_length"):
            learned, counted = (float(np.asarray(t.columns[name])[row]) for t in (table, blobs))
            assert learned == pytest.approx(counted, rel=0.25), name
        for name, reach in (("roundness", 0.15), ("solidity", 0.1), ("aspect", 0.2), ("holes", 0)):
            learned, counted = (float(np.asarray(t.columns[name])[row]) for t in (table, blobs))
            assert learned == pytest.approx(counted, abs=reach), name
        assert np.asarray(table.columns["color"])[row] == pytest.approx(np.asarray(blobs.columns["color"])[row], abs=8)


def test_filters_regions_and_rules_apply(tmp_path: Path) -> None:
    write_parts(tmp_path / "discs.parts")
    write_picture(tmp_path / "p.png", draw([*DISCS, (20, 140, 7, RED)]))
    program = spec_of(
        tmp_path,
        """
        object red_disc = learned("discs.parts") where area > 400 px2: 3
        region left_half = box(0 %, 0 %, 50 %, 100 %)
        object left_disc = learned("discs.parts", left_half, "red disc", "blue disc") where area > 400 px2: 3
        region around = box(-50 %, -50 %, 150 %, 150 %) of first(left_disc by y)
        object beside = learned("discs.parts", around, "red disc"): 1
        rule red as matching: every red_disc: color = red
        color red = "#c81e1e" within 20
        """,
    )
    made = report(program, see(program, [tmp_path / "p.png"]))
    assert made.images[0].verdict == "pass", made.images[0].findings


@pytest.mark.parametrize(
    ("grounds", "told"),
    [
        ((), None),
        (((20.0, 0.0, 0.0), (58.0, 0.0, 0.0)), None),
        (((20.0, 0.0, 0.0), (35.0, 0.0, 0.0)), "colour difference 15"),
    ],
)
def test_a_background_unlike_those_learned_from_is_told(
    tmp_path: Path, grounds: tuple[tuple[float, ...], ...], told: str | None
) -> None:
    write_parts(tmp_path / "discs.parts", grounds=grounds)
    half = 'object left = learned("discs.parts", box(0 %, 0 %, 50 %, 100 %), "red disc")'
    program = spec_of(tmp_path, f'object red_disc = learned("discs.parts")\n{half}')
    table = see(program, [picture_of(draw(DISCS))])
    assert [told is not None and told in note for note in table.notes] == ([] if told is None else [True])


def test_keep_best_settles_what_two_objects_find_at_one_place(tmp_path: Path) -> None:
    write_parts(tmp_path / "discs.parts")
    write_picture(tmp_path / "p.png", draw(DISCS))
    program = spec_of(
        tmp_path,
        """
        object red_disc = learned("discs.parts")
        object disc = learned("discs.parts", "red disc", "blue disc")
        keep best of red_disc | disc where overlap > 60 %
        rule five: count(red_disc) + count(disc) = 5
        """,
    )
    assert report(program, see(program, [tmp_path / "p.png"])).images[0].verdict == "pass"


def test_several_objects_of_one_file_cost_one_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[tuple[int, ...]] = []
    real = find.segments

    def counted(parts: Parts, bgr: Pixels, whole: tuple[int, int]) -> find.Segments:
        looks.append(bgr.shape)
        return real(parts, bgr, whole)

    monkeypatch.setattr(find, "segments", counted)
    half = "box(0 %, 0 %, 50 %, 100 %)"
    write_parts(tmp_path / "discs.parts")
    program = spec_of(
        tmp_path,
        f"""
        object red_disc = learned("discs.parts")
        object blue_disc = learned("discs.parts", 90 %)
        object disc = learned("discs.parts", "red disc", "blue disc")
        object left_red = learned("discs.parts", {half}, "red disc")
        object left_blue = learned("discs.parts", {half}, "blue disc")
        """,
    )
    table = see(program, [picture_of(draw(DISCS))])
    assert looks == [(160, 240, 3), (160, 120, 3)]
    assert [len(boxes(table, n)) for n in ("red_disc", "blue_disc", "disc", "left_red", "left_blue")] == [3, 2, 5, 2, 1]


def test_far_from_objects_only_some_places_are_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []
    real = Parts._answers

    def counted(parts: Parts, places: Maps) -> Maps:
        judged.append(len(places))
        return real(parts, places)

    monkeypatch.setattr(Parts, "_answers", counted)
    parts = read_parts(write_parts(tmp_path / "discs.parts"), 0)
    maps = parts.features(draw(DISCS, 244, 164))
    quick = parts.evidence(maps)
    assert judged[0] == 21 * 31
    assert sum(judged) < 0.9 * 41 * 61
    monkeypatch.setattr(model, "_SURELY_BACKGROUND", 2.0)
    thorough = parts.evidence(maps)
    assert sum(judged[2:]) == 41 * 61
    inside = thorough.classes[..., 0] < 0.5
    assert inside.any()
    for name in ("classes", "distance", "offset"):
        assert np.allclose(getattr(quick, name)[inside], getattr(thorough, name)[inside], atol=1e-6), name


def test_the_least_confidence_is_that_of_the_file_unless_the_spec_gives_one(tmp_path: Path) -> None:
    everything = seen(tmp_path, 'object red_disc = learned("discs.parts", 0 %)')
    confidences = sorted(np.asarray(everything.columns["confidence"]).tolist())
    between = sum(confidences[:2]) / 2
    for written, expected in (("", 2), (", 50 %", 3)):
        write_parts(tmp_path / "discs.parts", threshold=between)
        program = spec_of(tmp_path, f'object red_disc = learned("discs.parts"{written})')
        assert len(see_picture(program, picture_of(draw(DISCS)))) == expected


def test_doubtful_finds_leave_a_verdict_open(tmp_path: Path) -> None:
    write_parts(tmp_path / "discs.parts")
    write_picture(tmp_path / "p.png", draw(DISCS))
    text = 'doubtful 50 % .. 100 %\nobject red_disc = learned("discs.parts", 50 %)\nrule r: count(red_disc) = 3\n'
    program = spec_of(tmp_path, text)
    assert report(program, see(program, [tmp_path / "p.png"])).images[0].verdict == "review"


def test_a_file_that_is_learned_anew_is_read_anew(tmp_path: Path) -> None:
    write_parts(tmp_path / "discs.parts")
    program = spec_of(tmp_path, 'object red_disc = learned("discs.parts")')
    assert len(see_picture(program, picture_of(draw(DISCS)))) == 3
    write_parts(tmp_path / "discs.parts", threshold=1.0)
    assert len(see_picture(program, picture_of(draw(DISCS)))) == 0


def test_the_command_line_checks_and_draws_in_several_processes(tmp_path: Path) -> None:
    write_parts(tmp_path / "discs.parts")
    (tmp_path / "discs.logic").write_text('object red_disc = learned("discs.parts"): 3\n')
    names = [f"p{i}.png" for i in range(4)]
    for number, name in enumerate(names):
        write_picture(tmp_path / name, draw(DISCS[: 5 - number % 2]))
    done = logidsl("check", *names, "--spec", "discs.logic", "--jobs", "2", "--overlay", "marked", "--format", "json",
                   cwd=tmp_path)  # fmt: skip
    assert [i["verdict"] for i in json.loads(done.stdout)["images"]] == ["pass", "fail"] * 2, done.stderr
    assert sorted(p.name for p in (tmp_path / "marked").iterdir()) == names


# ---- files that cannot be used ----


def damaged(path: Path, how: str) -> None:
    """Make a parts file one that cannot be used."""
    match how:
        case "missing":
            return
        case "foreign":
            path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
        case "other zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("readme.txt", "hello")
        case "folder":
            path.mkdir()
        case "cut off":
            write_parts(path).write_bytes(path.read_bytes()[:-5000])
        case "flipped":
            data = bytearray(write_parts(path).read_bytes())
            data[len(data) // 2] ^= 0xFF
            path.write_bytes(data)
        case "newer" | "no heads" | "bad network" | "other networks" | "other heads" | "other width":
            write_parts(path)
            with zipfile.ZipFile(path) as archive:
                members = {n: archive.read(n) for n in archive.namelist()}
            if how == "newer":
                members["parts.json"] = members["parts.json"].replace(b'"version": 3', b'"version": 7')
            elif how == "no heads":
                del members["heads.onnx"]
            elif how == "other networks":
                members |= {"network.onnx": members["heads.onnx"], "heads.onnx": members["network.onnx"]}
            elif how == "other heads":
                members["heads.onnx"] = members["network.onnx"]
            elif how == "other width":
                document = json.loads(members["parts.json"])
                model = {
                    "groups": ["appearance"],
                    "mean": [0.0],
                    "scale": [1.0],
                    "weights": [[0.0] * 3],
                    "bias": [0.0] * 3,
                }
                members["parts.json"] = json.dumps(document | {"appearances": model}).encode()
            else:
                members["network.onnx"] = b"not a network"
            with zipfile.ZipFile(path, "w") as archive:
                for name, content in members.items():
                    archive.writestr(name, content)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("missing", "of `nut`, beside the spec: there is no such file; `logidsl learn` makes it"),
        ("foreign", "is not a parts file"),
        ("other zip", "is not a parts file: expected one that `logidsl learn` wrote"),
        ("folder", "nuts.parts cannot be read"),
        ("cut off", "is not a parts file, or is damaged"),
        ("flipped", "is not a parts file, or is damaged"),
        ("newer", "has version 7 of the format, and this program reads versions 2 to 3"),
        ("no heads", "is damaged"),
        ("other networks", "the network of nuts.parts cannot be run"),
        ("other heads", "the heads of nuts.parts cannot be run"),
        ("bad network", "cannot be loaded by ONNX Runtime"),
        ("other width", "is damaged: its models do not fit its networks"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_message(how: str, message: str, tmp_path: Path) -> None:
    damaged(tmp_path / "nuts.parts", how)
    write_picture(tmp_path / "p.png", draw(DISCS))
    (tmp_path / "nuts.logic").write_text('object nut = learned("nuts.parts", "red disc")\nrule r: count(nut) = 1\n')
    done = logidsl("check", "p.png", "--spec", "nuts.logic", cwd=tmp_path)
    assert done.returncode == 4
    assert message in " ".join((done.stdout + done.stderr).split())
    assert "internal error" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_file_of_the_version_before_has_no_limit_between_classes(tmp_path: Path) -> None:
    path = write_parts(tmp_path / "discs.parts", cutting=Cutting(class_limit=0.85))
    assert read_parts(path, 0).settings.cutting.class_limit == 0.85
    with zipfile.ZipFile(path) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    document = json.loads(members["parts.json"])
    del document["cutting"]["class_limit"]
    members["parts.json"] = json.dumps(document | {"version": 2}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert read_parts(path, 1).settings.cutting.class_limit == 1


def test_a_class_that_was_not_learned_is_named_with_the_nearest(tmp_path: Path) -> None:
    write_parts(tmp_path / "discs.parts")
    table = see(spec_of(tmp_path, 'object red_dics = learned("discs.parts")'), [picture_of(draw(DISCS))])
    assert table.problems[0].message.endswith(
        "has no class `red_dics`; it has `red disc`, `blue disc`; did you mean `red disc`?"
    )


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parts(tmp_path / "discs.parts")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    table = see(spec_of(tmp_path, 'object red_disc = learned("discs.parts")'), [picture_of(draw(DISCS))])
    assert "learned parts needs the extra `onnx`: pip install 'logidsl[onnx]'" in table.problems[0].message


def test_a_picture_of_200_megapixels_is_refused_and_the_rest_judged(tmp_path: Path) -> None:
    write_parts(tmp_path / "discs.parts")
    (tmp_path / "discs.logic").write_text('object red_disc = learned("discs.parts"): 3\n')
    Image.new("1", (20_000, 10_000)).save(tmp_path / "a.png")
    write_picture(tmp_path / "b.png", draw(DISCS))
    done = logidsl("check", "a.png", "b.png", "--spec", "discs.logic", "--format", "json", cwd=tmp_path)
    assert [i["verdict"] for i in json.loads(done.stdout)["images"]] == ["error", "pass"]
    assert "expected at most 100 megapixels, found 200" in done.stdout


def test_a_draft_that_sees_learned_parts_is_shown_to_a_model(tmp_path: Path) -> None:
    write_parts(tmp_path / "discs.parts")
    text = 'object red_disc = learned("discs.parts")\n'
    program = spec_of(tmp_path, text)
    known = Vocabulary(Source("nuts.logic", text), program, see(program, [picture_of(draw(DISCS))]))
    assert known.open_classes == ()
    assert 'object red_disc = learned("discs.parts")' in known.words()
    assert "- red_disc: 3 each" in known.words()


def test_what_no_object_takes_of_the_parts_is_unexplained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    real = features

    def counted(network: Session, bgr: Pixels) -> Maps:
        looks.append(1)
        return real(network, bgr)

    monkeypatch.setattr(model, "features", counted)
    write_parts(tmp_path / "discs.parts")
    write_picture(tmp_path / "p.png", draw(DISCS))
    reds = 'object red_disc = learned("discs.parts")\n'
    rule = "rule clean: unexplained(image) <= 5 %\n"
    made = report(program := spec_of(tmp_path, reds + rule), see(program, [tmp_path / "p.png"])).images[0]
    areas = {colour: sum(r * r for _, _, r, rgb in DISCS if rgb == colour) for colour in (RED, BLUE)}
    measured = float((made.findings[0].measured or "0").removesuffix(" %")) / 100
    assert measured == pytest.approx(areas[BLUE] / sum(areas.values()), abs=0.04)
    assert len(looks) == 1
    both = spec_of(tmp_path, reds + 'object blue_disc = learned("discs.parts")\n' + rule)
    assert report(both, see(both, [tmp_path / "p.png"])).images[0].verdict == "pass"
