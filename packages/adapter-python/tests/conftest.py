from __future__ import annotations

from typing import Iterator

import pytest
from sandbox import PARAMO, Sandbox

import paramo
from paramo._connection import Connection


@pytest.fixture
def sandbox(request, tmp_path) -> Iterator[Sandbox]:
    """A directory with a home of its own; no daemon runs there yet. All that runs there has the `VARIABLES` of its file of tests."""
    made = Sandbox(tmp_path)
    made.defaults.update(getattr(request.module, "VARIABLES", {}))
    yield made
    made.close()


@pytest.fixture(scope="session")
def common(tmp_path_factory) -> Iterator[Sandbox]:
    """One home and daemon for all tests that do not end it."""
    made = Sandbox(tmp_path_factory.mktemp("common"))
    made.paramo("up")
    yield made
    made.close()


@pytest.fixture(scope="session")
def connection(common: Sandbox) -> Iterator[Connection]:
    """A connection to the daemon of `common`."""
    with paramo.connect(home=str(common.home), start=False) as made:
        yield made


@pytest.fixture
def name(request) -> str:
    """The name of a study that no other test uses."""
    return str(request.node.name)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch) -> None:
    """The tests find `paramo` here, and nothing of the environment they are run in."""
    import os

    for variable in list(os.environ):
        if variable.startswith("PARAMO_"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("PARAMO_BIN", str(PARAMO))
