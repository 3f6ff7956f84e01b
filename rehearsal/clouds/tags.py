"""The tags (aws) and labels (gcp) that a provider's defaults add to each resource."""

from collections.abc import Mapping
from typing import Any

from rehearsal.clouds import sdk
from rehearsal.clouds.identity import Context
from rehearsal.clouds.values import UNKNOWN, Secret, has_unknown

# pulumi-gcp adds it to whatever it creates unless `addPulumiAttributionLabel` is off (its patch 0006, v10).
ATTRIBUTION_LABEL = ("goog-pulumi-provisioned", "true")

_LABEL_PROPERTIES = ("labels", "resourceLabels")


def tags_all(token: str, inputs: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Returns the input `tagsAll` that the AWS provider fills in, so that a changed default tag is a change.

    The real one does so before its checks for every type that has both `tags` and `tagsAll` (pulumi-aws
    `provider/tags.go`); a default tag gives way to the resource's own of the same key.

    Returns:
        `{"tagsAll": …}`, unknown if a tag is, secret if the tags are, or nothing for types without tags.
    """
    resource = sdk.resource_type(token)
    if context.provider != "aws" or "tags" not in resource.inputs or "tagsAll" not in resource.outputs:
        return {}
    return {"tagsAll": _merged(context.default_tags, inputs.get("tags"))}


def labels(token: str, inputs: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Returns the outputs `pulumiLabels` and `effectiveLabels` of a GCP resource, if its type has them.

    A default label gives way to the resource's own of the same key, and so does the provider's attribution.
    """
    resource = sdk.resource_type(token)
    if context.provider != "gcp" or "effectiveLabels" not in resource.outputs:
        return {}
    own = next((inputs[name] for name in _LABEL_PROPERTIES if inputs.get(name)), None)
    merged = _merged({**context.default_tags, **dict([ATTRIBUTION_LABEL])}, own)
    return {name: merged for name in ("pulumiLabels", "effectiveLabels") if name in resource.outputs}


def _merged(defaults: Mapping[str, str], own: Any) -> Any:
    if isinstance(own, Secret):
        return Secret(_merged(defaults, own.value))
    return UNKNOWN if has_unknown(own) else {**defaults, **(own or {})}
