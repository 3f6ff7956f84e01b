import re

import pytest

from components.machines import GpuKind, Machine, aws_machine, gcp_machine


@pytest.mark.parametrize(
    ("instance_type", "machine"),
    [
        ("c7i.large", Machine(vcpus=2, memory_gib=4)),
        ("m6a.xlarge", Machine(vcpus=4, memory_gib=16)),
        ("m7i.2xlarge", Machine(vcpus=8, memory_gib=32)),
        ("m7i.4xlarge", Machine(vcpus=16, memory_gib=64)),
        ("r6i.24xlarge", Machine(vcpus=96, memory_gib=768)),
        ("g6.xlarge", Machine(vcpus=4, memory_gib=16, gpu=GpuKind.L4)),
        ("g4dn.8xlarge", Machine(vcpus=32, memory_gib=128, gpu=GpuKind.T4)),
    ],
)
def test_an_instance_type_says_what_it_is_made_of(instance_type: str, machine: Machine) -> None:
    assert aws_machine(instance_type) == machine


@pytest.mark.parametrize(
    ("machine_type", "machine"),
    [
        ("n2-standard-16", Machine(vcpus=16, memory_gib=64)),
        ("n4-highmem-8", Machine(vcpus=8, memory_gib=64)),
        ("e2-standard-2", Machine(vcpus=2, memory_gib=8)),
        ("g2-standard-4", Machine(vcpus=4, memory_gib=16, gpu=GpuKind.L4)),
        ("n1-standard-8", Machine(vcpus=8, memory_gib=30, gpu=GpuKind.T4)),
    ],
)
def test_a_machine_type_says_what_it_is_made_of(machine_type: str, machine: Machine) -> None:
    assert gcp_machine(machine_type) == machine


@pytest.mark.parametrize(
    "instance_type",
    [
        pytest.param("m7g.4xlarge", id="arm"),
        pytest.param("m4.4xlarge", id="plain text on the network"),
        pytest.param("m7i.3xlarge", id="no such size"),
        pytest.param("m7i", id="no size"),
        pytest.param("m7i.4xlarge ", id="a blank"),
        pytest.param("n2-standard-16", id="the other cloud's"),
    ],
)
def test_other_instance_types_are_refused_with_those_that_may_be_used(instance_type: str) -> None:
    message = (
        f"{instance_type!r} is not an instance type such as m7i.4xlarge of a family that nodes may run on: "
        "c6a, c6i, c7a, c7i, m6a, m6i, m7a, m7i, g4dn, g6, r6a, r6i, r7a, r7i"
    )

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        aws_machine(instance_type)


@pytest.mark.parametrize(
    "machine_type", ["n2-standard-15", "t2a-standard-8", "n2-custom-8", "m7i.4xlarge", "n2-standard-٨"]
)
def test_other_machine_types_are_refused_with_those_that_may_be_used(machine_type: str) -> None:
    message = (
        f"{machine_type!r} is not a machine type such as n2-standard-16 of a family that nodes may run on: "
        "n1-standard, e2-standard, n2-standard, n2d-standard, n4-standard, g2-standard, "
        "n2-highmem, n2d-highmem, n4-highmem"
    )

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        gcp_machine(machine_type)
