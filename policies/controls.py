"""The public frameworks whose controls the rules are evidence for.

Benchmarks renumber their controls between editions, so a control is its framework, the edition and the id.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Control:
    """One control of one edition of a framework."""

    framework: str
    version: str
    id: str

    def __str__(self) -> str:
        return f"{self.framework} {self.version} {self.id}"


@dataclass(frozen=True)
class Framework:
    """One edition of a framework."""

    name: str
    version: str

    def controls(self, *ids: str) -> tuple[Control, ...]:
        """The controls with these ids."""
        return tuple(Control(self.name, self.version, control) for control in ids)


CIS_AWS = Framework("CIS AWS Foundations Benchmark", "7.0")
CIS_GCP = Framework("CIS Google Cloud Platform Foundation Benchmark", "5.0")
FSBP = Framework("AWS Foundational Security Best Practices", "1.0.0")
GDPR = Framework("GDPR", "2016/679")
NIST_800_53 = Framework("NIST SP 800-53", "5")
PCI_DSS = Framework("PCI-DSS", "4.0")
SOC2 = Framework("SOC 2", "2017")
