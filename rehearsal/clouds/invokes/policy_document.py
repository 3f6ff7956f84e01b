"""`aws:iam/getPolicyDocument`: IAM policy documents, written as the AWS provider writes them.

The rules are those of terraform-provider-aws `internal/service/iam/policy_document_data_source.go` and
`policy_model.go` (v6): a list of one is written as its element; lists of actions, resources and principals are in
descending order; conditions are grouped by test, then by variable; documents are merged by statement id.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from rehearsal.clouds.identity import Context
from rehearsal.clouds.invokes.errors import WrongArguments
from rehearsal.clouds.invokes.golang import go_json, hashcode

_Document = dict[str, Any]
_Statement = dict[str, Any]

_VERSIONS = ("2008-10-17", "2012-10-17")
_EFFECTS = ("Allow", "Deny")


def get_policy_document(args: Mapping[str, Any], _: Context) -> dict[str, Any]:
    """Renders a policy document.

    Raises:
        WrongArguments: What the provider refuses: a wrong effect, version or statement id, a statement id twice, a
            source document that is no JSON.
    """
    version = args.get("version") or _VERSIONS[-1]
    if version not in _VERSIONS:
        raise WrongArguments(f"version: `{version}` is none of {', '.join(_VERSIONS)}")
    merged: _Document = {}
    sids: set[str] = set()
    for index, text in enumerate(args.get("sourcePolicyDocuments") or ()):
        document = _parsed(text, f"sourcePolicyDocuments[{index}]")
        for sid in filter(None, (statement.get("Sid") for statement in document.get("Statement", ()))):
            if sid in sids:
                raise WrongArguments(f"sourcePolicyDocuments[{index}]: statement id `{sid}` is there twice")
            sids.add(sid)
        merged = _merge(merged, document)
    merged = _merge(merged, _own(args, version))
    for index, text in enumerate(args.get("overridePolicyDocuments") or ()):
        merged = _merge(merged, _parsed(text, f"overridePolicyDocuments[{index}]"))
    written = {name: merged[name] for name in ("Version", "Id", "Statement") if merged.get(name)}
    text = go_json(written, indent=2)
    return {
        **args,
        "version": version,
        "json": text,
        "minifiedJson": go_json(written),
        "id": hashcode(text),
    }


def _own(args: Mapping[str, Any], version: str) -> _Document:
    statements = [
        _statement(statement, version, f"statements[{index}]")
        for index, statement in enumerate(args.get("statements") or ())
    ]
    sids = [statement["Sid"] for statement in statements if "Sid" in statement]
    for sid in sids:
        if sids.count(sid) > 1:
            raise WrongArguments(f"statements: statement id `{sid}` is there twice")
    return {"Version": version, "Id": args.get("policyId") or "", "Statement": statements}


def _statement(given: Mapping[str, Any], version: str, where: str) -> _Statement:
    sid, effect = given.get("sid") or "", given.get("effect") or _EFFECTS[0]
    if not re.fullmatch(r"[a-zA-Z0-9]*", sid):
        raise WrongArguments(f"{where}.sid: `{sid}` may hold letters and digits only")
    if effect not in _EFFECTS:
        raise WrongArguments(f"{where}.effect: `{effect}` is neither Allow nor Deny")
    parts = {
        "Sid": sid,
        "Effect": effect,
        "Action": _set(given.get("actions")),
        "NotAction": _set(given.get("notActions")),
        "Resource": _set(_variables(given.get("resources"), version, f"{where}.resources")),
        "NotResource": _set(_variables(given.get("notResources"), version, f"{where}.notResources")),
        "Principal": _principals(given.get("principals"), version, f"{where}.principals"),
        "NotPrincipal": _principals(given.get("notPrincipals"), version, f"{where}.notPrincipals"),
        "Condition": _conditions(given.get("conditions"), version, f"{where}.conditions"),
    }
    return {name: value for name, value in parts.items() if value}


def _set(values: Iterable[str] | None) -> str | list[str] | None:
    """Returns a set as the provider writes it: one element by itself, more in descending order."""
    ordered = sorted(set(values or ()), reverse=True)
    return ordered[0] if len(ordered) == 1 else ordered or None


def _variables(values: Iterable[str] | None, version: str, where: str) -> list[str]:
    """Returns the values with `&{…}`, which programs write for a policy variable, as `${…}`."""
    listed = list(values or ())
    if version == _VERSIONS[0] and any("&{" in value for value in listed):
        raise WrongArguments(f"{where}: policy variables (`&{{`) need version 2012-10-17")
    return [value.replace("&{", "${") for value in listed]


def _principals(given: Iterable[Mapping[str, Any]] | None, version: str, where: str) -> Any:
    principals: dict[str, Any] = {}
    for principal in given or ():
        kind, named = principal["type"], _set(_variables(principal["identifiers"], version, where))
        before = principals.get(kind)
        principals[kind] = named if before is None else [*_listed(before), *_listed(named)]
    return "*" if principals == {"*": "*"} else dict(sorted(principals.items()))


def _conditions(given: Iterable[Mapping[str, Any]] | None, version: str, where: str) -> dict[str, Any]:
    grouped: dict[str, dict[str, list[str]]] = {}
    for condition in given or ():
        variables = grouped.setdefault(condition["test"], {})
        values = _variables(map(str, condition["values"]), version, where)
        variables.setdefault(condition["variable"], []).extend(values)
    return _written_conditions(grouped)


def _written_conditions(grouped: Mapping[str, Mapping[str, list[str]]]) -> dict[str, Any]:
    return {
        test: {name: values[0] if len(values) == 1 else values for name, values in sorted(variables.items())}
        for test, variables in sorted(grouped.items())
    }


def _listed(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _parsed(text: str, where: str) -> _Document:
    """Reads a document that is to be merged; its statements come out in the provider's writing."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise WrongArguments(f"{where}: no JSON ({error})") from None
    statements = document.get("Statement", []) if isinstance(document, dict) else None
    if not isinstance(statements, list):
        raise WrongArguments(f"{where}: `Statement` has to be a list")
    return {
        **cast(_Document, document),
        "Statement": [_reread(cast(_Statement, statement)) for statement in statements],
    }


def _reread(statement: _Statement) -> _Statement:
    names = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource")
    reread = {name: statement[name] for name in names if statement.get(name)}
    for name in ("Principal", "NotPrincipal"):
        principals = statement.get(name)
        if isinstance(principals, Mapping):
            kinds = cast(Mapping[str, Any], principals)
            # A list stays a list here, even of one.
            reread[name] = {
                kind: sorted(value, reverse=True) if isinstance(value, list) else value
                for kind, value in sorted(kinds.items())
            }
        elif principals:
            reread[name] = principals
    if statement.get("Condition"):
        conditions = cast(Mapping[str, Mapping[str, Any]], statement["Condition"])
        reread["Condition"] = _written_conditions(
            {
                test: {
                    name: [_condition_value(value) for value in _listed(values)] for name, values in variables.items()
                }
                for test, variables in conditions.items()
            }
        )
    return reread


def _condition_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _merge(into: _Document, document: _Document) -> _Document:
    """Returns two documents as one: a later statement takes the place of an earlier one of the same id."""
    statements: list[_Statement] = list(into.get("Statement", ()))
    for statement in cast(list[_Statement], document.get("Statement", [])):
        sid = statement.get("Sid")
        places = [place for place, other in enumerate(statements) if sid and other.get("Sid") == sid]
        if places:
            statements[places[0]] = statement
        else:
            statements.append(statement)
    return {
        "Version": max(into.get("Version", ""), document.get("Version", "")),
        "Id": document.get("Id") or into.get("Id", ""),
        "Statement": statements,
    }
