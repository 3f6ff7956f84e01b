"""What people and pipelines do on the platform: the roles that identities on both clouds are mapped to."""

from enum import StrEnum


class PlatformRole(StrEnum):
    """The roles of seed 003, and those that the platform's own upkeep asks for."""

    ADMIN = "admin"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    VIEWER = "viewer"
    DEVELOPER = "developer"
    PLATFORM_ENGINEER = "platform-engineer"
    DEPLOY = "deploy"
    BREAK_GLASS = "break-glass"

    @property
    def kubernetes_group(self) -> str:
        """The group that its members belong to in a cluster, to which the cluster's RBAC gives verbs."""
        return f"platform:{self}"
