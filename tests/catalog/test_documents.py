import pytest

from catalog.documents import dotted, nearest, shown

# Made up, in the shape of real ones.
CREDENTIALS = {
    "AWS access key": "AKIA" + "Z" * 16,
    "Google API key": "AIza" + "x" * 35,
    "GitHub token": "ghp_" + "x" * 36,
    "GitHub fine-grained token": "github_pat_" + "x" * 30,
    "Slack token": "xoxb-" + "1" * 12,
    "payment key": "sk_live_" + "x" * 16,
    "JSON web token": "eyJ" + "x" * 10 + "." + "y" * 10 + "." + "z" * 10,
    "PEM block": "-----BEGIN PRIVATE KEY-----",
    "password in an address": "postgresql://app:hunter2@db/scoring",
    "Sentry DSN": "https://" + "0a" * 16 + "@sentry.example.com/1",
    "long run": "Zm9vYmFy" * 6,
}


@pytest.mark.parametrize("kind", CREDENTIALS)
def test_what_looks_like_a_credential_is_never_shown(kind: str) -> None:
    value = CREDENTIALS[kind]
    assert shown(value, ("aws", "region")) == f"a text of {len(value)} characters"
    assert value not in dotted(("aws", value, 0))


@pytest.mark.parametrize("key", ["password", "client_secret", "api_key", "apiKey", "token", "credentials", "PRIVATE"])
@pytest.mark.parametrize("value", ["hunter2", 12345, True, ["a"]])
def test_nothing_below_a_confidential_key_is_shown(key: str, value: object) -> None:
    assert shown(value, ("gcp", key, 0)) == "a value that is not shown here"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("eu-west-1", '"eu-west-1"'),
        ("x y " * 20, "a text of 80 characters"),
        ("a\nb", "a text of 3 characters"),
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (10**80, "a long number"),
        (0.5, "0.5"),
        ([1, 2], "a list of length 2"),
        ({"a": 1}, "an object"),
    ],
)
def test_other_values_are_shown_as_they_stand_in_the_file(value: object, text: str) -> None:
    assert shown(value, ("aws",)) == text


def test_a_location_is_written_as_people_write_it() -> None:
    assert dotted(("deployments", "api", "routes", 0, "host")) == "deployments.api.routes[0].host"


def test_only_a_near_name_is_proposed() -> None:
    assert nearest("zone", ["zones", "cidr"]) == "zones"
    assert nearest("colour", ["zones", "cidr"]) is None
