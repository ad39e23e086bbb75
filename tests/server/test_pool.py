"""Workers beside an event loop: what they answer arrives whole."""

import asyncio
from collections.abc import Callable

import pytest

from logidsl.server.pool import Pool


def text_of(context: None, size: int) -> str:
    return "x" * size


async def answered(size: int) -> list[int]:
    pool = Pool(text_of, None, 1)
    await pool.start()
    try:
        return [len((await pool.call(size, 60.0))[0]) for _ in range(3)]
    finally:
        await pool.close()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_large_answer_comes_whole(loop: str) -> None:
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if loop == "uvloop":
        factory = pytest.importorskip("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(answered(5_000_000)) == [5_000_000] * 3
