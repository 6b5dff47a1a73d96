"""The values that cross the ports. Their behaviour is kept by the suites in ``tests/contracts``."""

from __future__ import annotations

import inspect
from typing import Protocol, cast, get_type_hints

import msgspec
import pytest
from hypothesis import given

from penstock.core import ports
from penstock.core.requests import Options
from support.legal_logs import structs_of

PORTS = [value for value in vars(ports).values() if inspect.isclass(value) and getattr(value, "_is_protocol", False)]
METHODS = [
    pytest.param(method, id=f"{port.__name__}.{name}")
    for port in PORTS
    if port is not Protocol and port.__module__ == ports.__name__
    for name, method in vars(port).items()
    if inspect.isfunction(method) and not name.startswith("__") and name != "_no_init_or_replace_init"
]


@given(structs_of(ports.ModelInfo))
def test_what_the_picker_shows_goes_through_json_unchanged(info: ports.ModelInfo):
    assert msgspec.json.decode(msgspec.json.encode(info), type=ports.ModelInfo) == info


def test_a_model_leaves_the_sampling_to_the_service_by_default():
    info = ports.ModelInfo(id="m", name="M", provider="p")
    assert ports.Model(info, cast("ports.Provider", None), "deployment").defaults == Options()


@pytest.mark.parametrize("method", METHODS)
def test_each_method_of_a_port_says_what_it_does_and_its_types(method: object):
    assert inspect.getdoc(method)
    assert "return" in get_type_hints(method)
