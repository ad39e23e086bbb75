"""Access to a language model through the OpenAI interface: settings, a request and its answer, cache, cost.

    settings = find_settings(Options(model="gpt-5"), environ=os.environ, configured=config.llm_table(Path.cwd()))
    with Client(settings) as client:
        answer = client.ask({"messages": [{"role": "user", "content": "one word for `screw`"}]})
    answer.text, answer.usage, client.spent

A request is the `body` for `/chat/completions`, as plain JSON, so that live requests, batch files and cache entries are
the same; `answer_of` reads the body of a response from any of them. A key is kept in `Key`, which never shows it.
"""

from logidsl.llm.answers import Answer, Json, Usage, answer_of
from logidsl.llm.client import Client, Spent
from logidsl.llm.errors import ModelError, NoModelError
from logidsl.llm.settings import Key, Options, Settings, find_settings
from logidsl.llm.store import Store

__all__ = [
    "Answer",
    "Client",
    "Json",
    "Key",
    "ModelError",
    "NoModelError",
    "Options",
    "Settings",
    "Spent",
    "Store",
    "Usage",
    "answer_of",
    "find_settings",
]
