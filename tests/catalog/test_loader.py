from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from catalog import CatalogError, load_catalog
from tests.catalog.files import faults, load, shortest
from tests.catalog.test_model import EVERYTHING

SYSTEM = (
    "A system on the platform: one file of the catalog, an object with name, description, owner, cost_centre, "
    "placement, classification, data_kind, retention"
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            shortest().replace("owner: greeters\n", ""),
            '1:1: owner: is missing; add it: The team that answers for it, for example "credit-risk"',
        ),
        (
            shortest().replace("classification: internal\n", ""),
            ('1:1: classification: is missing; add it: How confidential its data are, for example "restricted"'),
        ),
        (
            shortest() + "deploymets: {}\n",
            "11:1: deploymets: is not a known key; did you mean `deployments`?",
        ),
        (
            shortest() + "colour: green\n",
            (
                "11:1: colour: is not a known key; known keys: alerts, classification, cost_centre, cron_jobs, "
                "dashboards, data_kind, dependencies, deployments, description, name, namespace, owner, placement, "
                "pod_security, recovery, retention, slos, stateful_sets"
            ),
        ),
        (
            shortest().replace("data_kind: telemetry", "data_kind: telemtry"),
            (
                "7:1: data_kind: got \"telemtry\", must be 'pii', 'audit', 'backup', 'model' or 'telemetry'; "
                "did you mean `telemetry`?"
            ),
        ),
        (
            shortest().replace("http: 8000", "http: 80"),
            ("10:33: deployments.api.ports.http: got 80, must be greater than or equal to 1024 (for example 8000)"),
        ),
        (
            shortest().replace("http: 8000", 'http: "8000"'),
            '10:33: deployments.api.ports.http: got "8000", must be a valid integer (for example 8000)',
        ),
        (
            shortest().replace("  api:", "  Api:"),
            (
                '10:3: deployments.Api: got "Api", must be lower-case letters, digits and single hyphens, the '
                'first a letter (for example "scoring")'
            ),
        ),
        (
            shortest().replace("greeters", "g" * 23),
            (
                f'3:1: owner: got "{"g" * 23}", must have at most 22 characters (The team that answers for '
                'it, for example "credit-risk")'
            ),
        ),
        (
            shortest().replace("cpu: 100m", "cpu: half"),
            (
                '10:69: deployments.api.resources.requests.cpu: got "half", must be a quantity above zero '
                '(Processors, for example "500m")'
            ),
        ),
        (
            shortest() + "recovery: {across_clouds: {rpo_minutes: 5}}\n",
            (
                "11:28: recovery.across_clouds.rpo_minutes: got 5, must be greater than or equal to 15 (Minutes "
                "of data that may be lost; replication to the other cloud needs 15)"
            ),
        ),
        (
            shortest() + "recovery: {rpo_minutes: 1}\n",
            (
                "11:12: recovery.rpo_minutes: got 1, must be greater than or equal to 5 (Minutes of data that "
                "may be lost within the region; the log is shipped every 5)"
            ),
        ),
        (
            shortest() + "dependencies: {redis: {uses: []}}\n",
            (
                "11:24: dependencies.redis.uses: got a list of length 0, must have at least 1 item (What it is "
                "for: `cache` may be evicted, `counters` and `revocations` (of tokens) may not)"
            ),
        ),
        (
            shortest()
            + "cron_jobs:\n  tidy:\n    schedule: 0 2 * * 7\n    image: tidy\n    resources: {requests: {cpu: 1m, "
            "memory: 1Mi}}\n",
            (
                '13:5: cron_jobs.tidy.schedule: got "0 2 * * 7", must write Sunday as 0, for Kubernetes refuses 7 '
                '(When it starts, for example "0 2 * * 0")'
            ),
        ),
        (
            "",
            f"1:1: got null, must be an object ({SYSTEM})",
        ),
        (
            "- a\n",
            f"1:1: got a list of length 1, must be an object ({SYSTEM})",
        ),
        ("name: [greeter\n", "2:1: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\n---\nb: 2\n", "2:1: but found another document"),
        ("token: abc\ntoken: xyz\n", '2:1: found duplicate key "token"'),
        ("? [a, b]\n: c\n", "1:1: cannot be read as YAML in UTF-8 with plain values and names"),
        ("a: 2001-99-99\n", "1:1: cannot be read as YAML in UTF-8 with plain values and names"),
        ("a: &a [*a]\n", "1:1: cannot be read as YAML in UTF-8 with plain values and names"),
        ("[" * 1000, "1:1: cannot be read as YAML in UTF-8 with plain values and names"),
        ("a: \x01\n", "1:1: cannot be read as YAML in UTF-8 with plain values and names"),
    ],
)
def test_a_wrong_file_is_told_by_line_column_key_value_and_cure(tmp_path: Path, text: str, fault: str) -> None:
    assert faults(tmp_path, greeter=text) == [f"greeter.yaml:{fault}"]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "greeter.yaml").write_bytes(b"\xff\xfe\xff")
    assert faults(tmp_path) == ["greeter.yaml:1:1: cannot be read as YAML in UTF-8 with plain values and names"]


def test_all_faults_of_all_files_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    assert faults(
        tmp_path,
        broken="a: [",
        caller=shortest("caller").replace("retention: logs", "retention: log").replace("cc-1", "CC-1"),
        greeter=shortest().replace("standby: gcp", "standby: aws"),
    ) == [
        "broken.yaml:1:5: expected the node content, but found '<stream end>'",
        (
            'caller.yaml:4:1: cost_centre: got "CC-1", must be lower-case letters, digits and single hyphens, the '
            'first a letter (Who pays for it, for example "cc-4100")'
        ),
        (
            "caller.yaml:8:1: retention: got \"log\", must be 'live', 'models', 'backup-full', 'backup-differential', "
            "'backup-stream', 'backup-daily', 'backup-weekly', 'logs', 'audit' or 'metrics'; did you mean `logs`?"
        ),
        'greeter.yaml:5:27: placement.standby: got "aws", which is the primary too; name the other cloud',
    ]


def test_an_empty_catalog_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"holds no system; add one as <name>\.yaml"):
        load_catalog(tmp_path)


def test_a_secret_in_a_file_is_not_shown(tmp_path: Path) -> None:
    dsn = "https://" + "0a" * 16 + "@sentry.example.com/1"
    text = shortest().replace("{image: greeter,", f'{{image: greeter, secrets: {{SENTRY_DSN: "{dsn}"}},')
    assert faults(tmp_path, greeter=text) == [
        (
            "greeter.yaml:10:35: deployments.api.secrets.SENTRY_DSN: got a value that is not shown here, must be "
            'lower-case letters, digits and single hyphens, the first a letter (for example "scoring-sentry-dsn")'
        )
    ]


def refuses_or_loads(directory: Path, text: str | bytes) -> None:
    (directory / "greeter.yaml").write_bytes(text if isinstance(text, bytes) else text.encode(errors="surrogatepass"))
    try:
        load_catalog(directory)
    except CatalogError as error:
        head, *lines = str(error).splitlines()
        assert head == "the catalog is wrong:"
        assert all(line.startswith(f"  {directory.name}/greeter.yaml:") for line in lines)


@hypothesis_settings(deadline=None)
@given(text=st.text() | st.binary() | st.text("{}[]:-#&*!|>?%@,\"' \n\tab01.~"))
def test_any_text_loads_or_is_refused_in_words(tmp_path_factory: pytest.TempPathFactory, text: str | bytes) -> None:
    refuses_or_loads(tmp_path_factory.mktemp("catalog"), text)


PLAIN = YAML(typ="safe", pure=True).load(EVERYTHING)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def paths(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, item in items for each in paths(item, (*path, key)))]


def replaced(value: object, path: tuple[object, ...], new: object) -> object:
    if not path:
        return new
    key, *rest = path
    if isinstance(value, dict):
        return value | {key: replaced(value[key], tuple(rest), new)}
    assert isinstance(value, list)
    assert isinstance(key, int)
    return [*value[:key], replaced(value[key], tuple(rest), new), *value[key + 1 :]]


@hypothesis_settings(deadline=None)
@given(path=st.sampled_from(paths(PLAIN)), value=ANYTHING)
def test_any_value_at_any_key_loads_or_is_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[object, ...], value: object
) -> None:
    directory = tmp_path_factory.mktemp("catalog")
    with (directory / "greeter.yaml").open("w", encoding="utf-8", errors="surrogatepass") as file:
        YAML(typ="safe", pure=True).dump(replaced(PLAIN, path, value), file)
    refuses_or_loads(directory, (directory / "greeter.yaml").read_bytes())


def test_a_catalog_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    assert list(load(tmp_path, b=shortest("b"), a=shortest("a"), c=shortest("c")).systems) == ["a", "b", "c"]
