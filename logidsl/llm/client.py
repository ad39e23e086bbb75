"""Requests to a model, with retries.

Temporary failures are retried: a busy server (408, 409, 425, 429, 5xx), a lost connection, a timeout, a response that
is not JSON or contains no answer. The delay doubles from one second, with jitter so that many clients do not return at
once, and is at least `Retry-After`. Permanent failures (a wrong key, a rejected request) are errors at once. Each
answer is cached before it is used.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib import import_module
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Protocol

from logidsl.llm.answers import Answer, Json, Usage, answer_of
from logidsl.llm.errors import MISSING_EXTRA, ModelError
from logidsl.llm.settings import Settings, no_model
from logidsl.llm.store import Store

if TYPE_CHECKING:
    from openai import OpenAI

PASSING = frozenset({408, 409, 425, 429})
WAIT_S, WAIT_MAX_S = 1.0, 60.0
_NEEDED = frozenset({"host", "connection", "accept", "accept-encoding", "content-type", "content-length"})
AFTER_MAX_S = 600.0  # a longer wait requested by the server is not honoured


@dataclass(frozen=True, slots=True)
class Spent:
    """Totals of a client's requests.

    Parameters
    ----------
    asked, kept : int
        Requests sent to the server, and answered from the cache.
    usage : Usage
        Tokens of the former.
    cost : float, optional
        None without a price.
    """

    asked: int = 0
    kept: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None

    def __str__(self) -> str:
        parts = [f"{self.asked} {'question' if self.asked == 1 else 'questions'} asked"]
        parts += [f"{self.kept} from the cache"] if self.kept else []
        parts += [f"{self.usage.asked:,} tokens in, {self.usage.answered:,} out"]
        parts += [f"cost {self.cost:.4f}"] if self.cost is not None else []
        return ", ".join(parts)


class Client:
    """A model behind the OpenAI interface.

    Parameters
    ----------
    settings : Settings
        Which model, and how to ask it.
    store : Store, optional
        The cache of answers; by default in the user's cache folder.
    on_wait : callable, optional
        Called with the reason and the delay in seconds before each retry.
    sleep : callable, optional
        How to wait.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store | None = None,
        on_wait: Callable[[str, float], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.store = store if store is not None else Store.default(settings.base_url)
        self._on_wait, self._sleep = on_wait, sleep
        self._client: OpenAI | None = None
        self._models: tuple[tuple[str, str], ...] | None = None
        self._asked = self._kept = 0
        self._usage = Usage()

    def __repr__(self) -> str:
        return f"<Client {self.settings.model or 'any model'} at {self.settings.base_url}>"

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def spent(self) -> Spent:
        """The requests so far, and their cost."""
        price, cost = self.settings.price, None
        if price is not None:
            cost = (self._usage.asked * price[0] + self._usage.answered * price[1]) / 1e6
        return Spent(self._asked, self._kept, self._usage, cost)

    def complete_body(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """A request with the model and settings filled in, as it is sent.

        Fields already set are kept.
        """
        settings = self.settings
        made: dict[str, Json] = {"model": settings.model or ("" if "model" in body else self.only_model())}
        # OpenAI's own reasoning models know only the newer name, many other servers only the older one
        made["max_completion_tokens" if settings.hosted else "max_tokens"] = settings.max_tokens
        if settings.temperature is not None:
            made["temperature"] = settings.temperature
        elif not settings.hosted:
            made["temperature"] = 0
        return made | dict(body)

    def ask(self, body: Mapping[str, Json]) -> Answer:
        """Send a request, unless the answer is cached.

        Parameters
        ----------
        body : mapping of str to Json
            `messages`, and what else the request is to hold; model and limits are put in where they are missing.

        Raises
        ------
        ModelError
            If no answer came after all tries, or none can come.
        """
        body = self.complete_body(body)
        found = self.store.get(body)
        if found is not None:
            try:
                kept = answer_of(found)
            except ModelError:
                pass
            else:
                self._kept += 1
                return kept
        return self._ask(body)

    def models(self) -> tuple[tuple[str, str], ...]:
        """Name and owner of each model on the server.

        Raises
        ------
        ModelError
            If the server does not say.
        """
        if self._models is None:
            with self._told():
                raw = self._openai().models.with_raw_response.list(timeout=min(30.0, self.settings.timeout_s))
                self._models = tuple(_models(_json(raw.content)))
        return self._models

    def only_model(self) -> str:
        """The only model of a server, for settings that name none.

        Raises
        ------
        ModelError
            If it has several, or does not say.
        """
        if self.settings.hosted:
            raise no_model("no model: expected its name after --model, or in LOGIDSL_MODEL")
        names = [name for name, _ in self.models()]
        if len(names) != 1:
            listed = ", ".join(names[:10]) or "none"
            raise ModelError(f"expected the name of a model after --model; {self.settings.base_url} has {listed}")
        return names[0]

    def _ask(self, body: Mapping[str, Json]) -> Answer:
        for tried in range(self.settings.retries + 1):
            try:
                response = self._send(body)
                answer = answer_of(response)
            except ModelError as error:
                wait_s = error.after_s or 0.0
                if not error.again or tried == self.settings.retries or wait_s > AFTER_MAX_S:
                    raise _after(error, tried) from None
                self._wait(error, max(wait_s, _pause_s(tried)))
                continue
            self.store.put(body, response)
            self._asked += 1
            self._usage += answer.usage
            return answer
        raise AssertionError("the last try returns or raises")

    def _wait(self, error: ModelError, wait_s: float) -> None:
        if self._on_wait:
            self._on_wait(str(error), wait_s)
        self._sleep(wait_s)

    def _send(self, body: Mapping[str, Json]) -> Json:
        """Send one request; the response is limited in size and time."""
        end = time.monotonic() + self.settings.timeout_s
        limit = self.settings.answer_bytes
        with self._told():
            # the package validates no fields, so that those of one kind of server pass
            request = self._openai().chat.completions.with_streaming_response.create(
                model=str(body.get("model", "")),
                messages=[],
                extra_body=dict(body),
                timeout=self.settings.timeout_s,
            )
            with request as response:
                data = bytearray()
                for piece in response.iter_bytes():  # streamed, so that a slow response is abandoned in time
                    data += piece
                    if len(data) > limit:
                        raise ModelError(f"expected an answer of at most {limit:,} bytes, found a longer one")
                    if time.monotonic() > end:
                        raise ModelError(f"no answer within {self.settings.timeout_s:g} s", again=True)
        return _json(bytes(data))

    def _openai(self) -> OpenAI:
        """The package's client, created on first use."""
        if self._client is None:
            openai = _package()
            settings = self.settings
            if settings.hosted and not settings.key:
                raise no_model("no key: expected one in OPENAI_API_KEY")
            # Redirects are not followed: pictures and keys go only to the chosen address.
            transport = openai.DefaultHttpxClient(
                follow_redirects=False,
                trust_env=settings.trusted,
                event_hooks={"request": [] if settings.trusted else [_bare]},
            )
            self._client = openai.OpenAI(
                api_key=settings.key.reveal() or "none",
                base_url=settings.base_url,
                timeout=settings.timeout_s,
                max_retries=0,
                http_client=transport,
            )
        assert self._client is not None
        return self._client

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the package's exceptions into messages for the user, without the key."""
        openai = _package()
        settings = self.settings
        transport = _transport(openai)
        try:
            yield
        except openai.APIStatusError as error:
            raise _refused(settings, int(error.status_code), str(error.message), error.response.headers) from None
        except (openai.APITimeoutError, transport.TimeoutException):
            raise ModelError(f"no answer within {settings.timeout_s:g} s", again=True) from None
        except openai.APIConnectionError as error:
            reason = settings.key.hide(str(error.__cause__ or error))
            if isinstance(error.__cause__, transport.ConnectError):
                raise no_model(f"no server at {settings.base_url}: {reason}") from None
            raise ModelError(f"lost the connection to {settings.base_url}: {reason}", again=True) from None
        except (openai.OpenAIError, transport.HTTPError, transport.StreamError) as error:
            raise ModelError(settings.key.hide(f"lost the connection: {error}"), again=True) from None


class _Request(Protocol):
    """The argument of a transport hook."""

    headers: MutableMapping[str, str]


def _bare(request: _Request) -> None:
    """Remove what the package adds from the environment: keys, organization, custom headers."""
    for name in {n.lower() for n in request.headers} - _NEEDED:
        if not name.startswith("x-stainless-"):  # the package would otherwise find its own settings through these
            del request.headers[name]


def _transport(openai: ModuleType) -> ModuleType:
    """The package's HTTP library: `httpx` or its successor, whose errors surface while an answer is read."""
    owners = [c.__module__.partition(".")[0] for c in openai.DefaultHttpxClient.__mro__]
    return import_module(next(name for name in owners if name != "openai"))


def _package() -> ModuleType:
    try:
        return import_module("openai")
    except ImportError:
        raise ModelError(MISSING_EXTRA) from None


def _refused(settings: Settings, status: int, message: str, headers: Mapping[str, str]) -> ModelError:
    """The error for a status, with advice where the user can act."""
    said = " ".join(settings.key.hide(message).split())[:300]
    if 300 <= status < 400:
        target = " ".join(headers.get("location", "another address").split())[:300]
        return ModelError(
            f"{settings.base_url} redirects to {target} ({status}), which is not followed; if you trust that address, "
            "name it with --base-url",
            status=status,
        )
    if status in (401, 403):
        return ModelError(f"the server refuses the key ({status}): {said}", status=status)
    if status == 404:
        return ModelError(
            f"the server has no model `{settings.model}`, or nothing at {settings.base_url} (404): {said}", status=404
        )
    again = (status in PASSING or status >= 500) and "insufficient_quota" not in message
    after_s = _after_s(headers.get("retry-after-ms"), headers.get("retry-after")) if again else None
    return ModelError(f"the server answers {status}: {said}", status=status, again=again, after_s=after_s)


def _after_s(milliseconds: str | None, after: str | None) -> float | None:
    """The delay in `Retry-After`: seconds, or a date.

    Examples
    --------
    >>> _after_s(None, "2"), _after_s("250", "2"), _after_s(None, "soon")
    (2.0, 0.25, None)
    """
    for text, unit_s in ((milliseconds, 0.001), (after, 1.0)):
        try:
            seconds = float(text or "") * unit_s
        except ValueError:
            continue
        return seconds if 0 <= seconds < float("inf") else None
    try:
        return max(0.0, parsedate_to_datetime(after or "").timestamp() - time.time())
    except ValueError:
        return None


def _pause_s(tried: int) -> float:
    wait_s = min(WAIT_MAX_S, WAIT_S * 2.0**tried)
    return wait_s * random.uniform(0.75, 1.25)


def _after(error: ModelError, tried: int) -> ModelError:
    """The error with the number of attempts."""
    if not tried:
        return error
    return type(error)(f"{error} (after {tried + 1} tries)", status=error.status)


def _json(data: bytes) -> Json:
    try:
        found: Json = json.loads(data)
    except (ValueError, RecursionError):
        start = " ".join(data[:80].decode("utf-8", "replace").split())
        raise ModelError(f"expected an answer in JSON, found `{start}`", again=True) from None
    return found


def _models(listed: Json) -> Iterator[tuple[str, str]]:
    rows = listed.get("data") if isinstance(listed, dict) else None
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("id"), str):
            yield str(row["id"]), str(row.get("owned_by", ""))
