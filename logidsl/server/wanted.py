"""How an input is to be judged: what all ways of checking share in their requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Query

from logidsl.server.service import Ask
from logidsl.web.problems import ProblemError


async def wanted(
    product: str,
    variant: Annotated[str, Query(description="a variant of the product")] = "",
    revision: Annotated[str | None, Query(description="another revision than the active one")] = None,
    param: Annotated[list[str] | None, Query(description="`name=value`; may be repeated")] = None,
    tag: Annotated[list[str] | None, Query(description="`name=value`, kept with the decision")] = None,
    repairs: Annotated[bool, Query(description="whether findings say what would mend them")] = False,
    scores: Annotated[bool, Query(description="whether images have scores")] = False,
    idempotency_key: Annotated[
        str | None, Header(max_length=200, description="the same key gives the same decision")
    ] = None,
) -> Ask:
    """What a request asks for, by the parameters that all ways of checking share."""
    if idempotency_key and idempotency_key.startswith("job:"):
        raise ProblemError(422, "expected an Idempotency-Key that does not begin with `job:`")
    return Ask(
        product, variant, revision, _pairs(param or (), "param"), idempotency_key, repairs, scores,
        tags=_pairs(tag or (), "tag"),
    )  # fmt: skip


#: A parameter of a route.
Wanted: TypeAlias = Annotated[Ask, Depends(wanted)]


def _pairs(words: Sequence[str], what: str) -> dict[str, str]:
    found = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if not (name and equals and value):
            raise ProblemError(422, f"expected {what}=NAME=VALUE, found `{word}`")
        found[name] = value
    return found
