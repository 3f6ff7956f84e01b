"""What the real providers do with a resource type: what forces a replacement, which outputs are secret, how ids look.

The tables beside these modules were read out of the providers' own source; each names the version, and each type the
file or function. `aws/rds.yaml` holds the types of `aws:rds/…`. `tools/provider_facts` regenerates them, but for
Kubernetes' short one. Paths in them: `a.b` is a property of an object, `a[].b` of each element of a list. A path stands
for the value there and all inside it, `a.#` only for how many of `a` there are, or whether there is one.
"""

from rehearsal.clouds.facts.replacements import forced_replacements
from rehearsal.clouds.facts.tables import Facts, facts

__all__ = ["Facts", "facts", "forced_replacements"]
