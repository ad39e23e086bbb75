"""Compiled programs on disk: what is found again, and what never is."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from logidsl import pipeline, program_cache
from logidsl.diagnostics import SpecError
from logidsl.pipeline import compile_cached, compile_spec
from logidsl.source import Source

TEXT = 'import "part.logic"\nparam limit = 2\nrule r: count(nut) <= limit\nrule s: count(nut) >= 0\n'


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A spec that imports a file, with a cache folder of its own."""
    monkeypatch.setenv("LOGIDSL_CACHE", str(tmp_path / "cache"))
    (tmp_path / "part.logic").write_text("object nut\n")
    return Source(str(tmp_path / "a.logic"), TEXT)


def entries(spec: Source) -> list[Path]:
    """The files of the cache."""
    return sorted((Path(spec.path).parent / "cache" / "programs").glob("*"))


def is_compiled(spec: Source, monkeypatch: pytest.MonkeyPatch, **params: str) -> bool:
    """Whether a spec is compiled, not taken from the cache; it means the same either way."""
    calls: list[object] = []

    def compiling(*args: object, **named: object) -> object:
        calls.append(args)
        return compile_spec(*args, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as m:
        m.setattr(pipeline, "compile_spec", compiling)
        found = compile_cached(spec, params)
    assert found.program == compile_spec(spec, params)
    return bool(calls)


def test_a_spec_that_has_not_changed_is_not_compiled_again(spec: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_compiled(spec, monkeypatch)
    assert not is_compiled(spec, monkeypatch)
    assert [stat.S_IMODE(p.stat().st_mode) for p in entries(spec)] == [0o600]
    again = compile_cached(spec, {}).program
    assert (again.hash, again.defects, again.walks) == (lambda p: (p.hash, p.defects, p.walks))(compile_spec(spec))


def test_text_parameters_imports_and_version_each_make_another_program(
    spec: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_compiled(spec, monkeypatch)
    assert is_compiled(Source(spec.path, TEXT + "# more\n"), monkeypatch)
    assert is_compiled(Source(spec.path.replace("a.logic", "b.logic"), TEXT), monkeypatch)
    assert is_compiled(spec, monkeypatch, limit="3")
    assert not is_compiled(spec, monkeypatch, limit="3")
    Path(spec.path).with_name("part.logic").write_text("object nut: 3\n")
    assert is_compiled(spec, monkeypatch)
    monkeypatch.setattr(program_cache, "__version__", "99")
    assert is_compiled(spec, monkeypatch)


def test_a_mistake_is_said_each_time_and_never_kept(spec: Source) -> None:
    broken = Source(spec.path, TEXT + "rule t: count(bolt) = 1\n")
    for _ in range(2):
        with pytest.raises(SpecError, match="bolt"):
            compile_cached(broken, {})
    compile_cached(spec, {})
    Path(spec.path).with_name("part.logic").unlink()
    with pytest.raises(SpecError, match=r"part\.logic"):
        compile_cached(spec, {})


def test_warnings_are_counted_once_and_known_afterwards(spec: Source) -> None:
    assert compile_cached(spec, {}).warnings is None
    assert compile_cached(spec, {}, warn=True).warnings == 1  # a count is never below 0
    assert compile_cached(spec, {}, warn=True).warnings == 1
    assert compile_cached(spec, {}).warnings == 1


def signed(body: bytes) -> bytes:
    """An entry whose digest is right, whatever it says."""
    import hashlib

    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def test_a_damaged_entry_is_made_anew(spec: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_cached(spec, {})
    (path,) = entries(spec)
    good = path.read_bytes()
    body = good.partition(b"\n")[2]
    document = json.loads(body)
    nodes = document["program"]["nodes"]
    foreign = {**document, "program": {**document["program"], "nodes": nodes[:-1]}}
    for data in (
        b"",
        good[:-1],
        good.replace(b"nut", b"nun"),
        signed(b"[" * 100_000),
        signed(b"\xff"),
        signed(b"{}"),
        signed(json.dumps({**document, "run": "x"}).encode()),
        signed(json.dumps(foreign).encode()),  # names a node that is not there
    ):
        path.write_bytes(data)
        assert is_compiled(spec, monkeypatch)
        assert path.read_bytes() == good


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owner")
def test_an_entry_of_another_user_is_not_used(spec: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_cached(spec, {})
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert is_compiled(spec, monkeypatch)


def test_a_cache_that_cannot_be_written_costs_the_compilation_alone(
    spec: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file" / "below", Path("/dev/null/cache"), ""):
        monkeypatch.setenv("LOGIDSL_CACHE", str(folder))
        assert is_compiled(spec, monkeypatch)
        assert is_compiled(spec, monkeypatch)


def test_only_the_entries_used_last_are_kept(spec: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "ENTRIES_MAX", 3)
    sources = [Source(spec.path, f"{TEXT}# {n}\n") for n in range(5)]
    for age, source in enumerate(sources[:3]):
        compile_cached(source, {})
        newest = max(entries(spec), key=lambda p: p.stat().st_mtime_ns)
        os.utime(newest, (age, age))
    assert not is_compiled(sources[0], monkeypatch)  # used: no longer the oldest
    compile_cached(sources[3], {})
    assert len(entries(spec)) == 3
    assert not is_compiled(sources[0], monkeypatch)
    assert is_compiled(sources[1], monkeypatch)
    monkeypatch.setattr(program_cache, "ENTRY_MAX", 100)
    assert is_compiled(sources[4], monkeypatch)
    assert is_compiled(sources[4], monkeypatch)


def test_several_at_once_get_the_same(spec: Source) -> None:
    wanted = compile_spec(spec)
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda _: compile_cached(spec, {}).program, range(16))]
    assert all(p == wanted for p in found)
    assert len(entries(spec)) == 1


def test_a_second_check_loads_neither_parser_nor_checker(tmp_path: Path) -> None:
    (tmp_path / "a.logic").write_text("object nut: 1\n")
    (tmp_path / "t.csv").write_text("image,class,x0,y0,x1,y1\na,nut,0,0,9,9\n")
    command = [sys.executable, "-X", "importtime", "-m", "logidsl", "check", "--table", "t.csv", "--spec", "a.logic"]
    env = os.environ | {"LOGIDSL_CACHE": str(tmp_path / "cache")}
    loaded: list[set[str]] = []
    for _ in range(2):
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        loaded.append({line.rpartition("|")[2].strip() for line in done.stderr.splitlines()})
    for module in ("logidsl.syntax.parse", "logidsl.check", "logidsl.lint"):
        assert module in loaded[0]
        assert module not in loaded[1]
