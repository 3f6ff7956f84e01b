"""What the functions of the Kubernetes provider answer."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rehearsal.clouds.identity import Context
from rehearsal.clouds.invokes.errors import InvokeError, WrongArguments
from rehearsal.clouds.names import DEFAULT_NAMESPACE, is_namespaced

_Args = Mapping[str, Any]


def decode(args: _Args, _: Context) -> dict[str, Any]:
    """Reads the objects in a YAML text (`yaml.ConfigFile`): lists are taken apart, the default namespace filled in.

    Raises:
        WrongArguments: The text is no YAML, or holds something that is no object.
    """
    if "text" not in args:
        raise WrongArguments("text: missing")
    try:
        documents: list[Any] = list(YAML(typ="safe").load_all(args["text"]))
    except YAMLError as error:
        raise WrongArguments(f"text: no YAML ({error})") from None
    objects = [item for document in documents if document is not None for item in _items(document)]
    namespace = args.get("defaultNamespace")
    return {"result": [_placed(item, namespace) for item in objects]}


def template(_args: _Args, _context: Context) -> NoReturn:
    """Refuses to render a chart (`helm.v3.Chart`): charts lie in registries that a rehearsal does not reach.

    Raises:
        InvokeError: Always.
    """
    raise InvokeError("a rehearsal can't render Helm charts; install them with kubernetes.helm.v3.Release instead")


def _items(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict) or "kind" not in document or "apiVersion" not in document:
        raise WrongArguments("text: a document without `apiVersion` and `kind` is no Kubernetes object")
    item = cast(dict[str, Any], document)
    if item["kind"].endswith("List") and isinstance(item.get("items"), list):
        return [inner for each in item["items"] for inner in _items(each)]
    return [item]


def _placed(item: dict[str, Any], namespace: str | None) -> dict[str, Any]:
    metadata: dict[str, Any] = item.get("metadata") or {}
    if not namespace or namespace == DEFAULT_NAMESPACE or "namespace" in metadata or not is_namespaced(item["kind"]):
        return item
    return {**item, "metadata": {**metadata, "namespace": namespace}}


FUNCTIONS: Mapping[str, Callable[[_Args, Context], dict[str, Any]]] = {
    "kubernetes:helm:template": template,
    "kubernetes:yaml:decode": decode,
}
