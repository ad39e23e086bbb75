"""Where settings come from, and that a key stays where it is."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from logidsl.config import llm_table, user_config, user_table
from logidsl.diagnostics import InputError, NoSpecError
from logidsl.llm import Key, Options, Settings, find_settings

SECRET = "sk-secret"


def test_options_win_over_the_environment_and_that_over_the_table():
    environ = {"LOGIDSL_MODEL": "b", "OPENAI_BASE_URL": "http://b/v1", "OPENAI_API_KEY": SECRET}
    table = {"model": "c", "base_url": "http://localhost:1/v1", "retries": 1, "timeout_s": 9, "price": [1, 2]}
    made = find_settings(Options(model="a"), environ, table)
    assert (made.model, made.base_url, made.retries, made.timeout_s, made.price) == ("a", "http://b/v1", 1, 9, (1, 2))
    assert find_settings(None, environ, table).model == "b"
    assert find_settings(None, {}, table).model == "c"
    assert find_settings(None, {}, {"model": "c"}, {"model": "d", "retries": 7}).retries == 7
    assert find_settings(None, {}, {"model": "c"}, {"model": "d", "retries": 7}).model == "c"
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
    assert find_settings(None, {"MINE": SECRET}, None, {"key_env": "MINE"}).key.reveal() == SECRET
    for bad in ("key", "api_key"):
        held: dict[str, object] = {bad: SECRET}
        for project, user in ((held, None), (None, held)):
            with pytest.raises(InputError, match="must not hold a key") as caught:
                find_settings(None, {}, project, user)
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


KEYS = {"OPENAI_API_KEY": SECRET, "LOGIDSL_API_KEY": SECRET, "MINE": SECRET}
ELSEWHERE = [
    "http://elsewhere/v1",
    "https://localhost.elsewhere.com",
    "http://localhost@elsewhere.com/v1",
    "http://elsewhere.com\\@localhost/v1",
    "http://127.0.0.1.elsewhere.com",
    "http://0.0.0.0:8080",
    "http://[::2]/v1",
    "http://localhost:80:80/",
    "http://localhost/\n.elsewhere.com",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_project_names_addresses_on_this_machine_only(address: str):
    with pytest.raises(InputError, match="on this machine only"):
        find_settings(None, KEYS, {"base_url": address})


@pytest.mark.parametrize("name", ["key_env", "key_file"])
def test_a_project_names_no_key(name: str):
    with pytest.raises(
        InputError, match=rf"must not name a key .*put `{name}`.* under \[llm\] in /home/me/config.toml"
    ):
        find_settings(Options(base_url="http://mine/v1"), KEYS, {name: "MINE"}, {}, "/home/me/config.toml")


@pytest.mark.parametrize("address", ["http://localhost:8080/v1", "http://127.0.0.1/", "https://[::1]:1/a-b/v1"])
def test_no_key_goes_where_a_project_says(address: str):
    user = {"base_url": "https://office/v1", "key_env": "MINE"}
    found = find_settings(None, KEYS, {"base_url": address}, user)
    assert (bool(found.key), found.trusted) == (False, False)
    with pytest.raises(InputError, match="no key is sent to"):
        find_settings(Options(key_env="MINE"), KEYS, {"base_url": address})
    chosen = find_settings(Options(base_url=address), KEYS, {"base_url": address})
    assert (bool(chosen.key), chosen.trusted) == (True, True)


def test_a_key_goes_to_the_address_it_was_set_up_with():
    user = {"base_url": "https://office/v1", "key_env": "WORK"}
    environ = {"WORK": "work", "OPENAI_API_KEY": "openai"}
    assert find_settings(None, environ, {"model": "m"}, user).key.reveal() == "work"
    assert find_settings(Options(base_url="http://localhost:1/v1"), environ, {}, user).key.reveal() == "openai"
    assert not find_settings(Options(base_url="http://localhost:1/v1"), {"WORK": "work"}, {}, user).key
    assert not find_settings(None, environ, {}, {"base_url": "https://office/v1"}).key
    assert find_settings(None, environ, {"model": "m"}).key.reveal() == "openai"


def test_the_users_own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LOGIDSL_CONFIG", raising=False)
    monkeypatch.delenv("APPDATA", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert user_config() == tmp_path / "logidsl" / "config.toml"
    assert user_table() == {}
    file = tmp_path / "own.toml"
    monkeypatch.setenv("LOGIDSL_CONFIG", str(file))
    file.write_text('[llm]\nmodel = "own"\n')
    assert user_table() == {"model": "own"}
    for text, said in (("llm = 1", "expected a table"), ("[tool.x]", "found `tool`"), ("[", "cannot be read")):
        file.write_text(text)
        with pytest.raises(NoSpecError, match=said):
            user_table()


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
        find_settings(None, {}, {}, table)


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
