"""The policy pack: rules over cloud resources, run by the Pulumi engine or over an exported state."""
