"""What exists in the stand-in clouds: the ground truth that outlives the engine and its state.

A resource is written here before the provider answers the engine, so that a killed engine leaves behind what a
real cloud would: resources that exist although no state knows them.
"""

import base64
import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

from cryptography.fernet import Fernet

from rehearsal.clouds.values import Secret

_SCHEMA = """
create table if not exists resource (
    scope text not null, token text not null, id text not null, urn text not null, seed text not null,
    inputs text not null, outputs text not null,
    primary key (scope, token, id)
);
create index if not exists resource_urn on resource (urn);
create table if not exists generation (urn text primary key, created integer not null);
create table if not exists attempt (urn text, operation text, tried integer not null, primary key (urn, operation));
"""


_SEAL = "__secret"

# Like the engine's state, the file never leaves the machine and nothing in it opens a real cloud; what is secret is
# encrypted all the same, so that no plain text of it lies about.
_CIPHER = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"rehearsal").digest()))

_KEY = "where scope = ? and token = ? and id = ?"


class AlreadyExists(Exception):
    """A resource of that type and id is there already."""


class NotFound(Exception):
    """No resource of that type and id is there."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One resource as the cloud holds it; `inputs` and `outputs` hold no unknowns, and secrets in their wrappers.

    Attributes:
        scope: Within what the id is unique: an account and region, a project, a cluster.
        token: The resource's type.
        id: The cloud's id for it.
        urn: Which resource of the program it was made for.
        seed: What its made-up values derive from: the URN and which of its generations this is.
        inputs: What the program gave.
        outputs: What the cloud answered.
    """

    scope: str
    token: str
    id: str
    urn: str
    seed: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


class Store:
    """The resources of all stand-in clouds of one stack, in one SQLite file (":memory:" for throw-away runs)."""

    def __init__(self, path: Path | None = None) -> None:
        # One connection behind one lock: gRPC threads share it, and SQLite would serialise the writes anyway.
        self._connection = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None, timeout=30
        )
        self._lock = threading.Lock()
        if path:
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = normal")  # outlives a killed process, which is the test
        self._connection.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def create(self, record: Record) -> None:
        """Adds a resource.

        Raises:
            AlreadyExists: a resource of that type has the id.
        """
        with self._lock:
            try:
                self._connection.execute("begin immediate")
                self._connection.execute("insert into resource values (?, ?, ?, ?, ?, ?, ?)", _row(record))
                self._connection.execute(
                    "insert into generation values (?, 1) on conflict (urn) do update set created = created + 1",
                    (record.urn,),
                )
                self._connection.execute("commit")
            except sqlite3.IntegrityError as error:
                self._connection.execute("rollback")
                raise AlreadyExists(f"{record.token} {record.id}") from error

    def update(self, record: Record) -> None:
        """Changes a resource.

        Raises:
            NotFound: no resource of that type has the id.
        """
        with self._lock:
            changed = self._connection.execute(
                f"update resource set urn = ?, seed = ?, inputs = ?, outputs = ? {_KEY}",
                (record.urn, record.seed, *_documents(record), record.scope, record.token, record.id),
            ).rowcount
        if not changed:
            raise NotFound(f"{record.token} {record.id}")

    def read(self, scope: str, token: str, id: str) -> Record | None:  # noqa: A002 - the cloud's word for it
        """Returns the resource, or None where it does not exist."""
        return next(self._select(_KEY, (scope, token, id)), None)

    def find(self, urn: str) -> tuple[Record, ...]:
        """Returns the live resources that were made for a URN: more than one during a replacement."""
        return tuple(self._select("where urn = ?", (urn,)))

    def delete(self, scope: str, token: str, id: str) -> None:  # noqa: A002
        """Removes a resource; one that is gone already is no error, as providers treat it."""
        with self._lock:
            self._connection.execute(f"delete from resource {_KEY}", (scope, token, id))

    def all(self) -> tuple[Record, ...]:
        """Returns every live resource, in a stable order."""
        return tuple(self._select("order by scope, token, id", ()))

    def generation(self, urn: str) -> int:
        """Returns how many resources were ever created for a URN: a replacement gets names of its own."""
        with self._lock:
            row = self._connection.execute("select created from generation where urn = ?", (urn,)).fetchone()
        return row[0] if row else 0

    def count_attempt(self, urn: str, operation: str) -> int:
        """Counts an operation and returns how often it was tried before."""
        with self._lock:
            row = self._connection.execute(
                "insert into attempt values (?, ?, 1) on conflict do update set tried = tried + 1 returning tried",
                (urn, operation),
            ).fetchone()
        return row[0] - 1

    def _select(self, clause: str, parameters: tuple[str, ...]) -> Iterator[Record]:
        with self._lock:
            rows = self._connection.execute(
                f"select scope, token, id, urn, seed, inputs, outputs from resource {clause}",
                parameters,
            ).fetchall()
        for scope, token, identifier, urn, seed, inputs, outputs in rows:
            yield Record(
                scope=scope,
                token=token,
                id=identifier,
                urn=urn,
                seed=seed,
                inputs=json.loads(inputs, object_hook=_opened),
                outputs=json.loads(outputs, object_hook=_opened),
            )


def _row(record: Record) -> tuple[str, str, str, str, str, str, str]:
    return (record.scope, record.token, record.id, record.urn, record.seed, *_documents(record))


def _documents(record: Record) -> tuple[str, str]:
    return json.dumps(_sealed(record.inputs)), json.dumps(_sealed(record.outputs))


def _sealed(value: Any) -> Any:
    """Returns a value as JSON can hold it, with every secret encrypted."""
    match value:
        case Secret():
            return {_SEAL: _CIPHER.encrypt(json.dumps(_sealed(value.value)).encode()).decode()}
        case Mapping():
            return {key: _sealed(item) for key, item in cast(Mapping[str, Any], value).items()}
        case list() | tuple():
            return [_sealed(item) for item in cast(list[Any], value)]
        case _:
            return value


def _opened(fields: dict[str, Any]) -> Any:
    """Takes one seal off; the opposite of `_sealed` as a hook for `json.loads`."""
    if _SEAL not in fields:
        return fields
    return Secret(json.loads(_CIPHER.decrypt(fields[_SEAL].encode()), object_hook=_opened))
