"""Which model is asked, where, with which key, and how long it may take.

Each setting is taken from the options of the command line, else the environment, else the table
`[tool.logidsl.llm]` of the nearest `pyproject.toml`. A key is never an option itself, since a command line is
written to a history, nor in a `pyproject.toml`, which is shared: options and table name the variable or the
file that holds it. `OPENAI_API_KEY` goes to no address that only a configuration file names: a folder that was
downloaded must not be able to collect keys. Imports `diagnostics` and `errors` of this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from logidsl.diagnostics import InputError, nearest
from logidsl.llm.errors import NoModelError

OPENAI_URL = "https://api.openai.com/v1"
BATCH_WAY = """without a connection: --batch-out requests.jsonl writes the questions down; have any model answer
     them, and come back with --batch-in answers.jsonl"""
WAYS = f"""three ways to go on:
  1. a hosted model: set OPENAI_API_KEY, and name the model: --model NAME
  2. a model of your own: start a server with the OpenAI interface (llama.cpp, vLLM, ...) and name its
     address: --base-url http://localhost:8080/v1
  3. {BATCH_WAY}"""


class Key:
    """A key that does not show itself.

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
        """A copy for another process or a file has no key in it."""
        return Key, ()

    def reveal(self) -> str:
        """The key itself, for the request alone."""
        return self._value

    def hide(self, text: str) -> str:
        """A text with the key taken out: a server may repeat it in its error."""
        return text.replace(self._value, "<key>") if self._value else text


@dataclass(frozen=True, slots=True)
class Options:
    """What a command line says; None where it says nothing."""

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
        Its name; empty for the only one that the server has.
    base_url : str
        The address that `/chat/completions` is below.
    key : Key
        Empty for a server that wants none.
    timeout_s : float
        For one answer, all of it.
    retries : int
        How often a question that found no answer is asked again.
    max_tokens : int
        The longest answer.
    temperature : float, optional
        None leaves it to the server: reasoning models refuse any.
    price : (float, float), optional
        What a million tokens cost, asked and answered, in any currency.
    answer_bytes : int
        The longest response that is read.
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


def find_settings(
    options: Options | None = None,
    environ: Mapping[str, str] | None = None,
    configured: Mapping[str, object] | None = None,
) -> Settings:
    """Put the settings together.

    Parameters
    ----------
    options : Options, optional
        From the command line.
    environ : mapping of str to str, optional
        `LOGIDSL_MODEL`, `LOGIDSL_BASE_URL`, `LOGIDSL_API_KEY`, else `OPENAI_MODEL`, `OPENAI_BASE_URL`,
        `OPENAI_API_KEY`.
    configured : mapping of str to object, optional
        The table `[tool.logidsl.llm]`; see `config.llm_table`.

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
    options, environ, table = options or Options(), environ or {}, configured or {}
    _check(table)
    said = _first(environ, "LOGIDSL_BASE_URL", "OPENAI_BASE_URL")
    trusted = options.base_url or said
    base_url = (trusted or str(table.get("base_url", "")) or OPENAI_URL).rstrip("/")
    if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
        raise InputError(f"expected an address like http://localhost:8080/v1 as base URL, found `{base_url}`")
    foreign = not trusted and "base_url" in table
    fields = {k: v for k, v in _numbers(options, table).items() if v is not None}
    return Settings(
        model=options.model or _first(environ, "LOGIDSL_MODEL", "OPENAI_MODEL") or str(table.get("model", "")),
        base_url=base_url,
        key=_key(options, environ, table, foreign),
        **fields,  # type: ignore[arg-type]  # each checked by `_check`
    )


def _numbers(options: Options, table: Mapping[str, object]) -> dict[str, object]:
    price = table.get("price")
    return {
        "timeout_s": options.timeout_s if options.timeout_s is not None else table.get("timeout_s"),
        "retries": options.retries if options.retries is not None else table.get("retries"),
        "max_tokens": options.max_tokens if options.max_tokens is not None else table.get("max_tokens"),
        "temperature": options.temperature if options.temperature is not None else table.get("temperature"),
        "price": options.price or (tuple(map(float, price)) if isinstance(price, list) else None),
    }


def _key(options: Options, environ: Mapping[str, str], table: Mapping[str, object], foreign: bool) -> Key:
    """The key: named by an option, in the environment, named by the table."""
    if options.key_file or options.key_env:
        return _named_key(options.key_file, options.key_env, environ)
    own = _first(environ, "LOGIDSL_API_KEY") or (None if foreign else _first(environ, "OPENAI_API_KEY"))
    if own:
        return Key(own)
    file, variable = table.get("key_file"), table.get("key_env")
    if file or variable:
        return _named_key(str(file) if file else None, str(variable) if variable else None, environ)
    return Key()


def _named_key(file: str | None, variable: str | None, environ: Mapping[str, str]) -> Key:
    if file:
        try:
            key = Key(Path(file).expanduser().read_text("utf-8"))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise InputError(f"the file of the key, {file}, cannot be read: {reason}") from None
    else:
        key = Key(environ.get(variable or "", ""))
    if not key:
        raise InputError(f"expected a key in {f'the file {file}' if file else f'the variable {variable}'}, found none")
    if any(c.isspace() or not c.isascii() for c in key.reveal()):
        raise InputError(f"expected a key on one line in {file or variable}, found more than that")
    return key


def _check(table: Mapping[str, object]) -> None:
    """Refuse what the table of the configuration may not hold."""
    for name, value in table.items():
        if name in ("key", "api_key"):
            raise InputError(
                f"[tool.logidsl.llm] must not hold a key (`{name}`): the file is shared; name the variable or the "
                'file that holds it, `key_env = "MY_KEY"` say'
            )
        if name not in _TABLE:
            near = nearest(name, _TABLE)
            hint = f"; did you mean `{near}`?" if near else f", only {', '.join(_TABLE)}"
            raise InputError(f"[tool.logidsl.llm] has no `{name}`{hint}")
        if not isinstance(value, _TABLE[name]) or isinstance(value, bool):
            raise InputError(f"[tool.logidsl.llm]: cannot use `{value}` as `{name}`")
    price = table.get("price", [0, 0])
    if not (isinstance(price, list) and len(price) == 2 and all(isinstance(p, int | float) for p in price)):
        raise InputError("[tool.logidsl.llm]: expected `price` to be two numbers, for a million tokens in and out")


def _first(environ: Mapping[str, str], *names: str) -> str | None:
    return next((v for n in names if (v := environ.get(n, "").strip())), None)


def no_model(what: str) -> NoModelError:
    """The error of a model that is not set up or not there, with the ways to go on."""
    return NoModelError(f"{what}; {WAYS}")
