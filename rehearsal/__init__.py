"""Rehearses the platform: the real Pulumi engine on stand-in clouds, with no account and no network."""
