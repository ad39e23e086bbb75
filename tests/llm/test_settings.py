"""Where settings come from, and that a key stays where it is."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from logidsl.config import llm_table
from logidsl.diagnostics import InputError, NoSpecError
from logidsl.llm import Key, Options, Settings, find_settings

SECRET = "sk-secret"


def test_options_win_over_the_environment_and_that_over_the_table():
    environ = {"LOGIDSL_MODEL": "b", "OPENAI_BASE_URL": "http://b/v1", "OPENAI_API_KEY": SECRET}
    table = {"model": "c", "base_url": "http://c/v1", "retries": 1, "timeout_s": 9, "price": [1, 2]}
    made = find_settings(Options(model="a"), environ, table)
    assert (made.model, made.base_url, made.retries, made.timeout_s, made.price) == ("a", "http://b/v1", 1, 9, (1, 2))
    assert find_settings(None, environ, table).model == "b"
    assert find_settings(None, {}, table).model == "c"
    assert find_settings(Options(retries=0), {}, table).retries == 0
    assert find_settings() == Settings()


def test_names_of_ours_win_over_those_of_openai():
    environ = {"LOGIDSL_API_KEY": "ours", "OPENAI_API_KEY": "theirs", "LOGIDSL_BASE_URL": "http://o/v1/"}
    made = find_settings(None, environ)
    assert (made.key.reveal(), made.base_url) == ("ours", "http://o/v1")


def test_a_key_is_named_never_given(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    assert find_settings(Options(key_file=str(file))).key.reveal() == SECRET
    assert find_settings(Options(key_env="MINE"), {"MINE": SECRET}).key.reveal() == SECRET
    assert find_settings(None, {"MINE": SECRET}, {"key_env": "MINE"}).key.reveal() == SECRET
    for bad in ("key", "api_key"):
        with pytest.raises(InputError, match="must not hold a key") as caught:
            find_settings(None, {}, {bad: SECRET})
        assert SECRET not in str(caught.value)


def test_a_key_that_is_none_is_told(tmp_path: Path):
    with pytest.raises(InputError, match="expected a key in the variable MINE, found none"):
        find_settings(Options(key_env="MINE"))
    with pytest.raises(InputError, match="cannot be read"):
        find_settings(Options(key_file=str(tmp_path / "none")))
    (tmp_path / "long").write_text(f"{SECRET}\nand more\n")
    with pytest.raises(InputError, match="on one line") as caught:
        find_settings(Options(key_file=str(tmp_path / "long")))
    assert SECRET not in str(caught.value)


def test_a_downloaded_folder_collects_no_key():
    environ = {"OPENAI_API_KEY": SECRET}
    assert not find_settings(None, environ, {"base_url": "http://elsewhere/v1"}).key
    assert find_settings(Options(base_url="http://mine/v1"), environ, {"base_url": "http://elsewhere/v1"}).key
    assert find_settings(None, environ, {"model": "m"}).key


def test_a_key_shows_itself_nowhere():
    made = find_settings(None, {"OPENAI_API_KEY": SECRET})
    copied = copy.deepcopy(made)
    assert SECRET not in f"{made!r} {made} {made.key!r} {copied!r} {json.dumps(made.__repr__())}"
    assert not copied.key
    assert Key(SECRET).hide(f"bad key {SECRET}!") == "bad key <key>!"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"modle": "a"}, "has no `modle`; did you mean `model`"),
        ({"retries": "many"}, "cannot use `many` as `retries`"),
        ({"retries": True}, "cannot use `True`"),
        ({"price": [1]}, "expected `price` to be two numbers"),
        ({"base_url": "localhost:8080"}, "expected an address like"),
        ({"base_url": "file:///etc/passwd"}, "expected an address like"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(table: dict[str, object], message: str):
    with pytest.raises(InputError, match=message):
        find_settings(None, {}, table)


def test_the_table_is_that_of_the_nearest_file(tmp_path: Path):
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert llm_table(below) == {}
    (tmp_path / "pyproject.toml").write_text('[tool.logidsl.llm]\nmodel = "far"\n')
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.logidsl]\nspecs = {}\n[tool.other]\nx = 1\n")
    assert llm_table(below) == {"model": "far"}
    (below / "pyproject.toml").write_text('[tool.logidsl.llm]\nmodel = "near"\n')
    assert llm_table(below) == {"model": "near"}
    (below / "pyproject.toml").write_text('[tool.logidsl]\nllm = "x"\n')
    with pytest.raises(NoSpecError, match="expected a table"):
        llm_table(below)
