"""Ports of the data tier, which firewalls, databases and network policies agree on."""

from typing import Final

POSTGRES: Final = 5432
REDIS: Final = 6379

CLOUD_SQL_CONNECTOR: Final = 3307
"""Where Cloud SQL's connectors knock; PostgreSQL's own port answers clients that bring a certificate."""
