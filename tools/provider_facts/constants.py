"""What the constants of AWS's Go SDK stand for.

The Go SDK names an enum's constant after its type and value, `KeyUsageTypeEncryptDecrypt`, and both come from the same
API models that botocore packages.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import cast

import botocore.session

_CONSTANT = re.compile(r"github\.com/aws/aws-sdk-go-v2/service/(?P<service>\w+)/types\.(?P<name>\w+)")


def value_of(constant: str) -> str | None:
    """Returns the text that a constant stands for, given with its import path; None if that can't be told for sure."""
    found = _CONSTANT.fullmatch(constant)
    if found is None:
        return None
    values = _constants(found["service"]).get(_letters(found["name"]), frozenset())
    return next(iter(values)) if len(values) == 1 else None


@cache
def _constants(service: str) -> dict[str, frozenset[str]]:
    """Returns the values of each constant of a service, which differ if two enums' names and values run together."""
    found: dict[str, frozenset[str]] = {}
    for name in _botocore_names(service):
        model = botocore.session.get_session().get_service_model(name)
        for shape_name in cast(Iterable[str], model.shape_names):
            for value in getattr(model.shape_for(shape_name), "enum", ()):
                constant = _letters(shape_name + value)
                found[constant] = found.get(constant, frozenset()) | {value}
    return found


def _botocore_names(service: str) -> tuple[str, ...]:
    """Returns botocore's names of a service of the Go SDK, most of which are the same."""
    names = cast(Iterable[str], botocore.session.get_session().get_available_services())
    return tuple(name for name in names if _letters(name) == service) or _names_by_id().get(service, ())


@cache
def _names_by_id() -> dict[str, tuple[str, ...]]:
    """Returns botocore's names of every service by its id in small letters, which is what the Go SDK calls it."""
    session = botocore.session.get_session()
    found: dict[str, tuple[str, ...]] = {}
    for name in cast(Iterable[str], session.get_available_services()):
        service = _letters(str(session.get_service_model(name).service_id))
        found[service] = (*found.get(service, ()), name)
    return found


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
