"""What the stand-in clouds answer to data-source calls (invokes): those that a platform calls, and no others.

An answer is the real one where that is a fact (zones, partitions, rendered documents), and made up in the right shape
where it depends on an account. A call that is not known is an error, because a wrong answer would be believed.
"""

from collections.abc import Mapping
from typing import Any

from rehearsal.clouds.checks import check_arguments
from rehearsal.clouds.identity import Context
from rehearsal.clouds.invokes import aws, gcp, kubernetes
from rehearsal.clouds.invokes.errors import InvokeError, UnknownInvoke, WrongArguments
from rehearsal.clouds.spelling import did_you_mean

__all__ = ["InvokeError", "UnknownInvoke", "WrongArguments", "invoke"]

_FUNCTIONS = {**aws.FUNCTIONS, **gcp.FUNCTIONS, **kubernetes.FUNCTIONS}


def invoke(token: str, args: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Answers a data-source call.

    Args:
        token: The function, such as `aws:index/getRegion:getRegion`.
        args: Its arguments by wire name, without unknowns and secret wrappers.
        context: Where it is asked; the URN is empty.

    Raises:
        UnknownInvoke: The stand-ins don't know the function.
        WrongArguments: The provider would refuse the arguments, or they match nothing that is known here.
    """
    function = _FUNCTIONS.get(token)
    if function is None:
        raise UnknownInvoke(
            f"the stand-in clouds can't answer `{token}`{did_you_mean(token, _FUNCTIONS)}; "
            "add it to rehearsal/clouds/invokes"
        )
    given = {name: value for name, value in args.items() if value is not None}
    # Kubernetes' functions have no classes in the SDK.
    problems = () if token.startswith("kubernetes:") else check_arguments(token, given)
    if problems:
        raise WrongArguments(f"{token}: {'; '.join(map(str, problems))}")
    try:
        return function(given, context)
    except WrongArguments as error:
        raise WrongArguments(f"{token}: {error}") from None
