"""The made-up program under plain Pulumi mocks, in a process of its own; prints the seconds that it took."""

import sys
import time
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks


class PlainMocks(Mocks):
    """Echoes inputs, as mocks in a unit test usually do."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """Registers a resource."""
        return f"{args.name}-id", args.inputs

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:  # noqa: ARG002
        """Answers nothing."""
        return {}, []


def main() -> None:
    """Builds the program once; the SDKs' imports count, as they do for the engine."""
    started = time.perf_counter()
    set_mocks(PlainMocks(), preview=True)

    @pulumi.runtime.test
    def build_all() -> None:
        from benchmarks.program import build  # noqa: PLC0415 - its imports are part of what is measured

        build(int(sys.argv[1]))

    build_all()
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
