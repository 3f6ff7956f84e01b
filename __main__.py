"""The program that `pulumi up` runs: settings and catalog make the platform, the platform makes the outputs."""

from catalog import load_catalog
from stacks import outputs, platform, settings

outputs.export(platform.build(settings.load(), load_catalog()))
