"""The platform's component resources: one a module, for each cloud with the same interface a capability."""
