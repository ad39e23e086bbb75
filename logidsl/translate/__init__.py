"""From rules in plain language to a checked spec, with any language model.

`Session` is the whole flow as a state machine. It asks nothing itself: it says what to ask next, and takes the
answer, so that a live model, a batch file and a benchmark drive the same code.

    session = Session(rules, draft=Source("tray.logic", text), look=look)
    while session.request is not None:
        session.take(ask(session.request.body))          # an `llm.Answer`
    session.translation.spec                             # the text of the spec, or None

- `Session(rules, *, draft=None, look=None, constraint="plain", rounds=3, name="rules", brief=False, measure=None)`.
  `rules` is the text of the user. `draft` is a spec to go on with: its statements stay, its names are known to the
  model. `look` gives the object table of the good pictures for a program, so that every rule is tried on them; without
  it nothing is tried. `measure` gives the values of parameters that no sentence states.
- `session.request`: a `Request` with `id`, which depends on all of its content, and `body`, the messages and what
  holds the model to the language; `None` when done. The first one translates, further ones repair.
- `session.take(answer)`: parse, check and try an answer; sets the next request.
- `session.translation`: a `Translation`, at any time: the best spec so far with every sentence accounted for.
- To score answers alone: `read_answer(answer_text, sentences, draft)` gives a `Candidate`, whose `program` is None
  if it does not compile, with `problems` and `accounts`.

The steps: `sentences` cuts the rules into numbered sentences; `vocabulary` lists the available names; `prompt`
makes the question; `constraint` holds the model to the grammar; `extraction`, `notes` and `answer` read what comes
back, which is never run, only parsed and checked; `trial` judges the good pictures and random ones; `session`
decides; `result` writes the spec down; `batch` reads and writes the files of the OpenAI batch format. Nothing here
talks to a server.
May import `describe`, `pipeline` and what is below.
"""

from logidsl.translate.answer import Account, Candidate, read_answer
from logidsl.translate.constraint import KINDS, Constraint, choose
from logidsl.translate.prompt import tokens_about
from logidsl.translate.result import Translation
from logidsl.translate.sentence_splitter import SourceSentence, split_sentences
from logidsl.translate.session import Measure, Request, Session
from logidsl.translate.trial import Trial, try_spec

__all__ = [
    "KINDS",
    "Account",
    "Candidate",
    "Constraint",
    "Measure",
    "Request",
    "Session",
    "SourceSentence",
    "Translation",
    "Trial",
    "choose",
    "read_answer",
    "split_sentences",
    "tokens_about",
    "try_spec",
]
