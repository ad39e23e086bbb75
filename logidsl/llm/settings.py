"""Model, address, key and time limits.

Each setting is taken from the options of the command line, otherwise the environment, otherwise the table
`[tool.logidsl.llm]` of the nearest `pyproject.toml`, otherwise the table `[llm]` of the user's own configuration. A key
is never an option, because command lines are stored in histories: options and the user's configuration name the
variable or the file with the key.

A project may have been downloaded, so its file is not trusted: it may only name an address on this machine, and no key,
and no key is sent there. A key named in the user's configuration belongs to the address given there. See
docs/security.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from logidsl.diagnostics import InputError, did_you_mean
from logidsl.llm.errors import NoModelError

OPENAI_URL = "https://api.openai.com/v1"
BATCH_WAY = """without a connection: --batch-out requests.jsonl writes the requests to a file; let any model answer
     them, and come back with --batch-in answers.jsonl"""
WAYS = f"""three ways to go on:
  1. a hosted model: set OPENAI_API_KEY, and name the model: --model NAME
  2. a model of your own: start a server with the OpenAI interface (llama.cpp, vLLM, ...) and name its
     address: --base-url http://localhost:8080/v1
  3. {BATCH_WAY}"""


class Key:
    """A key that is never shown.

    Examples
    --------
    >>> key = Key("secret")
    >>> repr(key), str(key), f"{key}", bool(key), key.reveal()
    ('<key>', '<key>', '<key>', True, 'secret')
    """

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value.strip()

    def __repr__(self) -> str:
        return "<key>" if self._value else "<no key>"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[type[Key], tuple[()]]:
        """Copies for other processes or files contain no key."""
        return Key, ()

    def reveal(self) -> str:
        """The key itself, for the request only."""
        return self._value

    def hide(self, text: str) -> str:
        """A text without the key, because a server may repeat it in an error."""
        return text.replace(self._value, "<key>") if self._value else text


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the command line; None where absent."""

    model: str | None = None
    base_url: str | None = None
    key_env: str | None = None
    key_file: str | None = None
    timeout_s: float | None = None
    retries: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    price: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Which model is asked, and how.

    Parameters
    ----------
    model : str
        Its name; empty for a server's only model.
    base_url : str
        The address above `/chat/completions`.
    key : Key
        Empty for a server without keys.
    timeout_s : float
        For a complete answer.
    retries : int
        The maximum number of retries.
    max_tokens : int
        The maximum length of an answer.
    temperature : float, optional
        None for the server's default: reasoning models accept no other.
    price : (float, float), optional
        For a million tokens in and out, in any currency.
    answer_bytes : int
        The maximum size of a response.
    trusted : bool
        False if a project file gives the address: nothing from the environment is sent there.
    """

    model: str = ""
    base_url: str = OPENAI_URL
    key: Key = field(default_factory=Key)
    timeout_s: float = 300.0
    retries: int = 5
    max_tokens: int = 8192
    temperature: float | None = None
    price: tuple[float, float] | None = None
    answer_bytes: int = 4 * 1024 * 1024
    trusted: bool = True

    @property
    def hosted(self) -> bool:
        """Whether the server is OpenAI's own."""
        return urlsplit(self.base_url).hostname == "api.openai.com"


_TABLE: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "base_url": str,
    "key_env": str,
    "key_file": str,
    "timeout_s": (int, float),
    "retries": int,
    "max_tokens": int,
    "temperature": (int, float),
    "price": list,
}
PROJECT, USER = "[tool.logidsl.llm]", "[llm]"
# Strict enough that no two URL parsers see different hosts.
_THIS_MACHINE = re.compile(r"https?://(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?(/[\w.~/-]*)?", re.ASCII)


def find_settings(
    options: Options | None = None,
    environ: Mapping[str, str] | None = None,
    project: Mapping[str, object] | None = None,
    user: Mapping[str, object] | None = None,
    user_file: str = "your own configuration",
) -> Settings:
    """Combine the settings.

    Parameters
    ----------
    options : Options, optional
        From the command line.
    environ : mapping of str to str, optional
        `LOGIDSL_MODEL`, `LOGIDSL_BASE_URL`, `LOGIDSL_API_KEY`, else `OPENAI_MODEL`, `OPENAI_BASE_URL`,
        `OPENAI_API_KEY`.
    project : mapping of str to object, optional
        The table `[tool.logidsl.llm]` of a project file, which is not trusted; see `config.llm_table`.
    user : mapping of str to object, optional
        The table `[llm]` of the user's own configuration; see `config.user_table`.
    user_file : str
        Where that is, for messages.

    Raises
    ------
    InputError
        If a setting cannot be used.

    Examples
    --------
    >>> made = find_settings(Options(model="m"), {"OPENAI_API_KEY": "k"}, {"retries": 2})
    >>> made.model, made.retries, made.key, made.hosted
    ('m', 2, <key>, True)
    """
    options, environ, project, user = options or Options(), environ or {}, project or {}, user or {}
    _check(project, PROJECT)
    _check(user, USER)
    _check_project(project, user_file)
    chosen = options.base_url or _first(environ, "LOGIDSL_BASE_URL", "OPENAI_BASE_URL")
    foreign = not chosen and "base_url" in project
    base_url = (chosen or str(project.get("base_url") or user.get("base_url") or OPENAI_URL)).rstrip("/")
    if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
        raise InputError(f"expected an address like http://localhost:8080/v1 as base URL, found `{base_url}`")
    table = {**user, **project}
    numbers = ("timeout_s", "retries", "max_tokens", "temperature", "price")
    said = {name: getattr(options, name) for name in numbers if getattr(options, name) is not None}
    fields = {name: value for name, value in {**table, **said}.items() if name in numbers}
    if "price" in fields:
        fields["price"] = tuple(map(float, fields["price"]))
    return Settings(
        model=options.model or _first(environ, "LOGIDSL_MODEL", "OPENAI_MODEL") or str(table.get("model", "")),
        base_url=base_url,
        key=_no_key(options, base_url) if foreign else _key(options, environ, {} if chosen else user),
        trusted=not foreign,
        **fields,  # each checked by `_check`
    )


def _check_project(project: Mapping[str, object], user_file: str) -> None:
    """Reject settings reserved for the user: a project file may be anyone's."""
    for name in ("key_env", "key_file"):
        if name in project:
            raise InputError(
                f"{PROJECT} must not name a key (`{name}`): a project file may be anyone's; put `{name}` with its "
                f"`base_url` under {USER} in {user_file}, or use --{name.replace('_', '-')}"
            )
    address = project.get("base_url")
    if address is not None and not _THIS_MACHINE.fullmatch(str(address)):
        raise InputError(
            f"{PROJECT} may name an address on this machine only, http://localhost:8080/v1 say, found `{address}`: "
            "questions and pictures are sent there, and a project file may be anyone's; if you trust the address, "
            f"use --base-url or LOGIDSL_BASE_URL, or put `base_url` under {USER} in {user_file}"
        )


def _no_key(options: Options, base_url: str) -> Key:
    """No key, for an address from a project file; an option that names one is an error."""
    if options.key_file or options.key_env:
        raise InputError(
            f"no key is sent to {base_url}, as only {PROJECT} names it; if you trust it: --base-url {base_url}"
        )
    return Key()


def _key(options: Options, environ: Mapping[str, str], user: Mapping[str, object]) -> Key:
    """The key: named by an option, otherwise the one configured for the address, otherwise from the environment."""
    if options.key_file or options.key_env:
        return _named_key(options.key_file, options.key_env, environ)
    file, variable = user.get("key_file"), user.get("key_env")
    if file or variable:
        return _named_key(str(file) if file else None, str(variable) if variable else None, environ)
    own = ["LOGIDSL_API_KEY"] if "base_url" in user else ["LOGIDSL_API_KEY", "OPENAI_API_KEY"]
    return Key(_first(environ, *own) or "")


def _named_key(file: str | None, variable: str | None, environ: Mapping[str, str]) -> Key:
    if file:
        try:
            key = Key(Path(file).expanduser().read_text("utf-8"))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise InputError(f"the file of the key, {file}, cannot be read: {reason}") from None
    else:
        key = Key(environ.get(variable or "", ""))
    if not key:
        raise InputError(f"expected a key in {f'the file {file}' if file else f'the variable {variable}'}, found none")
    if any(c.isspace() or not c.isascii() for c in key.reveal()):
        raise InputError(f"expected a key on one line in {file or variable}, found more than that")
    return key


def _check(table: Mapping[str, object], title: str) -> None:
    """Reject keys that a configuration table may not contain."""
    for name, value in table.items():
        if name in ("key", "api_key"):
            raise InputError(
                f"{title} must not hold a key (`{name}`): configurations are copied; in your own configuration "
                'name the variable or the file that holds it, `key_env = "MY_KEY"` say'
            )
        if name not in _TABLE:
            hint = did_you_mean(name, _TABLE) or f", only {', '.join(_TABLE)}"
            raise InputError(f"{title} has no `{name}`{hint}")
        if not isinstance(value, _TABLE[name]) or isinstance(value, bool):
            raise InputError(f"{title}: cannot use `{value}` as `{name}`")
    price = table.get("price", [0, 0])
    if not (isinstance(price, list) and len(price) == 2 and all(isinstance(p, int | float) for p in price)):
        raise InputError(f"{title}: expected `price` to be two numbers, for a million tokens in and out")


def _first(environ: Mapping[str, str], *names: str) -> str | None:
    return next((v for n in names if (v := environ.get(n, "").strip())), None)


def no_model(what: str) -> NoModelError:
    """The error for a missing model, with the alternatives."""
    return NoModelError(f"{what}; {WAYS}")
