"""The listening socket."""

from __future__ import annotations

import pytest

from penstock.composition.settings import Settings
from penstock.server.listener import ListenError, bind


def test_a_free_port_is_found():
    with bind(Settings(port=0)) as listener:
        assert listener.getsockname()[1] > 0


def test_a_port_in_use_is_one_sentence():
    with bind(Settings(port=0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ListenError, match=rf"Port {port} on 127\.0\.0\.1 is in use"):
            bind(Settings(port=port))


@pytest.mark.parametrize("host", ["203.0.113.77", "no such host"])
def test_an_address_that_is_not_ours_is_one_sentence(host: str):
    with pytest.raises(ListenError, match="--host"):
        bind(Settings(host=host, port=0))
