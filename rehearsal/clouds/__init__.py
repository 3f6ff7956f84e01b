"""The stand-in clouds: strict providers for aws, gcp, kubernetes and random that the engine talks to."""
