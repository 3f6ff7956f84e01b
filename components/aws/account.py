"""Which account and region a component works in: plain values, so that policies can be read beforehand."""

import re

from components.checks import check_name

_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def check_account(account_id: str, region: str) -> None:
    """Refuses what would end up as a policy that names nobody.

    Raises:
        ValueError: The account's id is not twelve digits, or the region is not written like eu-west-1.
    """
    check_account_id("account_id", account_id)
    check_name("region", region, _REGION, "an AWS region such as eu-west-1")


def check_account_id(argument: str, account_id: str) -> None:
    """Refuses what is no account.

    Raises:
        ValueError: It is not twelve digits; the message names the argument.
    """
    check_name(argument, account_id, _ACCOUNT, "the twelve digits of an AWS account")
