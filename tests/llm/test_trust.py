"""A project file from a stranger collects no key and no picture, whatever it says; a server records what it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import logidsl
from tests.llm.servers import Server, redirects, says

SECRET = "sk-everything-is-lost"
NAMES = (
    "OPENAI_API_KEY", "LOGIDSL_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", "MINE",
)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as downloaded, and every variable full of secrets."""
    for name in ("LOGIDSL_MODEL", "LOGIDSL_BASE_URL", "OPENAI_BASE_URL", "OPENAI_MODEL", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name in NAMES:
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Gateway: {SECRET}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOGIDSL_CACHE", "")
    monkeypatch.setenv("LOGIDSL_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    (tmp_path / ".netrc").chmod(0o600)
    (tmp_path / "key").write_text(SECRET)
    folder = tmp_path / "downloaded"
    folder.mkdir()
    (folder / "rules.txt").write_text("- There is one bolt.\n")
    return folder


def translate(here: Path, settings: str, *more: str) -> tuple[int, str]:
    """Translate in the folder under a project's settings."""
    (here / "pyproject.toml").write_text(f"[tool.logidsl.llm]\n{settings}\n")
    done = logidsl("translate", "rules.txt", "--retries", "0", "--constraint", "plain", *more, cwd=here)
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_no_key_reaches_the_address_of_a_project(here: Path):
    with Server(says("# 1\nobject bolt: 1\n")) as server:
        code, _ = translate(here, f'base_url = "{server.url}"')
    assert code in (0, 2)
    assert len(server.headers) == 1
    assert SECRET not in str(server.headers)
    assert server.keys == [None]


@pytest.mark.parametrize(
    "key", ['key_env = "OPENAI_API_KEY"', 'key_env = "MINE"', 'key_file = "../key"', 'key_file = "~/key"']
)
def test_a_project_that_names_a_key_asks_nothing(here: Path, key: str):
    with Server(says("object bolt: 1")) as server:
        code, told = translate(here, f'base_url = "{server.url}"\n{key}')
        assert translate(here, key, "--base-url", server.url)[0] == 4
    assert code == 4
    assert f"under [llm] in {here.parent / 'config.toml'}" in " ".join(told.split())
    assert server.headers == []


def test_another_address_of_a_project_is_refused(here: Path):
    code, told = translate(here, 'base_url = "http://models.example.com/v1"')
    assert code == 4
    assert "on this machine only" in told
    assert "--base-url or LOGIDSL_BASE_URL" in told


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("named", [False, True], ids=["by the project", "by the user"])
def test_a_redirect_is_not_followed(here: Path, code: int, named: bool):
    with Server(says("object bolt: 1")) as far:
        with Server(redirects(f"{far.url}/chat/completions", code)) as near:
            ended, told = translate(here, f'base_url = "{near.url}"', *(["--base-url", near.url] if named else []))
        assert ended == 4
        assert f"redirects to {far.url}" in told
        assert len(near.headers) == 1
        assert near.keys == [f"Bearer {SECRET}" if named else None]
        assert far.headers == []


def test_the_users_own_configuration_sends_its_key_to_its_address_only(here: Path):
    with Server(says("# 1\nobject bolt: 1\n")) as mine, Server(says("# 1\nobject bolt: 1\n")) as other:
        (here.parent / "config.toml").write_text(
            f'[llm]\nbase_url = "{mine.url}"\nkey_file = "{here.parent / "key"}"\n'
        )
        translate(here, "retries = 1")
        assert mine.keys == [f"Bearer {SECRET}"]
        translate(here, f'base_url = "{other.url}"')
        assert other.keys == [None]
