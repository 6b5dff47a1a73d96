"""Options of the whole suite."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from support.postgres import database, empty, server_url, wait_for
from support.redis import redis_url_for_tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switches of the fault tests."""
    parser.addoption("--long", action="store_true", help="run the fault tests at the size of the promises")
    parser.addoption("--seed", type=int, default=None, help="repeat a fault test's random choices")


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether the fault tests run at the size of the promises."""
    return request.config.getoption("--long")


@pytest.fixture
def choices(request: pytest.FixtureRequest) -> random.Random:
    """Random choices whose seed is printed, so that a failure can be repeated with ``--seed``."""
    seed = request.config.getoption("--seed")
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    print(f"seed: {seed}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the URL of a PostgreSQL server, without a database's name."""
    with server_url() as url:
        yield url


@pytest.fixture(scope="session")
def _postgres_database(postgres_server: str) -> Iterator[str]:
    with database(postgres_server) as url:
        yield url


@pytest.fixture
def postgres_url(_postgres_database: str) -> str:
    """Give the URL of a database in which nothing is kept."""
    wait_for(empty(_postgres_database))
    return _postgres_database


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Give the URL of a Redis."""
    with redis_url_for_tests() as url:
        yield url
