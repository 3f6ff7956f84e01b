"""Faults strike where and when they are asked to."""

import pytest

from rehearsal.clouds.faults import Fault, FaultKind, Faults, RandomFaults, parse_fault

DATABASE = "aws:rds/instance:Instance"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{DATABASE}=throttle", Fault(token=DATABASE, kind=FaultKind.THROTTLE)),
        (f"{DATABASE}=crash-after-create", Fault(token=DATABASE, kind=FaultKind.CRASH_AFTER_CREATE)),
        ("random=7", RandomFaults(seed=7)),
        ("random=7:0.5", RandomFaults(seed=7, rate=0.5)),
    ],
)
def test_faults_are_read_as_they_are_written(text, expected):
    assert parse_fault(text) == expected


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "TYPE=KIND wanted"),
        (DATABASE, "KIND is one of throttle, quota, timeout, crash-after-create"),
        (f"{DATABASE}=explode", "KIND is one of"),
        ("Instance=throttle", "such as aws:rds/instance:Instance=throttle"),
        ("random=x", "random=SEED"),
        ("random=1:2", "the rate must lie between 0 and 1"),
    ],
)
def test_what_is_no_fault_is_refused_with_what_is_wanted(text, advice):
    with pytest.raises(ValueError, match="--fault") as refusal:
        parse_fault(text)
    assert advice in str(refusal.value)


def test_a_named_fault_strikes_the_first_operation_on_its_type_and_no_other():
    faults = Faults([Fault(token=DATABASE, kind=FaultKind.QUOTA)])
    struck = [
        faults.strike(token, f"urn-{index}", "create", 0)
        for index, token in enumerate(["aws:kms/key:Key", DATABASE, DATABASE])
    ]
    assert struck == [None, FaultKind.QUOTA, None]


def test_only_a_creation_can_crash_after_create():
    faults = Faults([Fault(token=DATABASE, kind=FaultKind.CRASH_AFTER_CREATE)])
    assert faults.strike(DATABASE, "urn", "update", 0) is None
    assert faults.strike(DATABASE, "urn", "create", 0) is FaultKind.CRASH_AFTER_CREATE


def test_random_faults_are_the_same_for_the_same_seed_in_any_order():
    urns = [f"urn-{index}" for index in range(200)]

    def strikes(order, seed):
        faults = Faults([RandomFaults(seed=seed, rate=0.2)])
        return {urn: faults.strike(DATABASE, urn, "create", 0) for urn in order}

    assert strikes(urns, 3) == strikes(reversed(urns), 3) != strikes(urns, 4)
    assert 15 < sum(fault is not None for fault in strikes(urns, 3).values()) < 70


def test_an_operation_that_is_tried_again_passes_in_the_end():
    faults = Faults([RandomFaults(seed=1, rate=0.5)])
    for urn in map(str, range(100)):
        assert None in [faults.strike(DATABASE, urn, "create", attempt) for attempt in range(40)]
