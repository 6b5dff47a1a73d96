"""Clock and ids."""

from __future__ import annotations

import re

from penstock.composition.system import SystemClock, SystemIds


def test_ids_are_unique_well_formed_and_sort_by_time():
    ids = [SystemIds().make("run") for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert all(re.fullmatch(r"run_[a-z0-9]{26}", made) for made in ids)
    assert [made[:14] for made in ids] == sorted(made[:14] for made in ids)


def test_the_clocks_run():
    clock = SystemClock()
    assert clock.now() > 1_700_000_000
    assert clock.monotonic() <= clock.monotonic()
