"""Many askers, one look."""

from __future__ import annotations

import asyncio

import pytest

from penstock.runs.looks import Looks


class Counted:
    """A look that counts itself."""

    def __init__(self, *, fails: bool = False) -> None:
        self.looks = 0
        self.fails = fails

    async def look(self) -> int:
        self.looks += 1
        number = self.looks
        await asyncio.sleep(0)
        if self.fails:
            message = "away"
            raise OSError(message)
        return number


async def test_who_comes_while_a_look_is_under_way_shares_it():
    looks: Looks[str, int] = Looks()
    counted = Counted()
    assert await asyncio.gather(*(looks.share("a", counted.look) for _ in range(10))) == [1] * 10
    assert len(looks) == 0


async def test_who_comes_later_looks_anew():
    looks: Looks[str, int] = Looks()
    counted = Counted()
    assert [await looks.share("a", counted.look) for _ in range(2)] == [1, 2]


async def test_each_key_has_a_look_of_its_own():
    looks: Looks[str, int] = Looks()
    counted = Counted()
    await asyncio.gather(looks.share("a", counted.look), looks.share("b", counted.look))
    assert counted.looks == 2


async def test_who_leaves_takes_the_look_from_nobody():
    looks: Looks[str, int] = Looks()
    leaving, staying = (asyncio.create_task(looks.share("a", Counted().look)) for _ in range(2))
    await asyncio.sleep(0)
    assert repr(looks) == "Looks(1)"
    leaving.cancel()
    assert await staying == 1


async def test_an_error_reaches_all_and_is_not_kept():
    looks: Looks[str, int] = Looks()
    results = await asyncio.gather(
        *(looks.share("a", Counted(fails=True).look) for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(result, OSError) for result in results)
    assert await looks.share("a", Counted().look) == 1
    with pytest.raises(OSError, match="away"):
        await looks.share("a", Counted(fails=True).look)
