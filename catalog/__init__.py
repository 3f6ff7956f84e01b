"""The services on the platform, as data: one YAML file a system, held to a typed model."""

from catalog.loader import CatalogError, load_catalog
from catalog.model import Catalog, System

__all__ = ["Catalog", "CatalogError", "System", "load_catalog"]
