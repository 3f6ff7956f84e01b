"""All rules of the pack, in the order of its topics."""

from typing import Final

from policies import backups, encryption_at_rest, encryption_in_transit, keys, network_exposure, retention
from policies.rule import ResourceRule, StackRule

ALL: Final[tuple[ResourceRule | StackRule, ...]] = (
    *encryption_at_rest.RULES,
    *encryption_in_transit.RULES,
    *keys.RULES,
    *network_exposure.RULES,
    *retention.RULES,
    *backups.RULES,
)
