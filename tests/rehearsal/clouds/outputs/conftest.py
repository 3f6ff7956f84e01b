"""Where the resources of these tests live."""

import dataclasses
from collections.abc import Callable

import pytest

from rehearsal.clouds.identity import Context

ContextOf = Callable[..., Context]

_PLACES = {
    "aws": {"region": "eu-west-1", "account": "111122223333"},
    "gcp": {"region": "europe-west1", "account": "covenant-test"},
    "kubernetes": {"region": "", "account": ""},
    "random": {"region": "", "account": ""},
}


@pytest.fixture(scope="session")
def context_of() -> ContextOf:
    """Returns a function that makes the context of a resource of a type."""

    def make(token: str, name: str = "thing", **change: str) -> Context:
        package = token.partition(":")[0]
        context = Context(
            provider=package,
            urn=f"urn:pulumi:staging::covenant::{token}::{name}",
            project="covenant",
            stack="staging",
            **_PLACES[package],
        )
        return dataclasses.replace(context, **change)

    return make
