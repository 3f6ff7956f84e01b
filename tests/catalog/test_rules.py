import inspect
from pathlib import Path

import pytest

from catalog.rules import CATALOG_RULES, SYSTEM_RULES
from tests.catalog.files import faults, load, shortest
from tests.catalog.test_model import EVERYTHING

LATER = shortest("later")


def api(inside: str, name: str = "greeter") -> str:
    """The shortest file with more said about its one workload."""
    return shortest(name).replace("{image: greeter,", "{image: greeter, " + inside + ",")


BROKEN = [
    (
        "names_are_not_taken_by_the_platform",
        shortest() + "namespace: kube-system\n",
        '11:1: namespace: got "kube-system", which belongs to Kubernetes; choose another',
    ),
    (
        "names_are_not_taken_by_the_platform",
        shortest() + "dependencies: {postgres: {database: rdsadmin}}\n",
        '11:27: dependencies.postgres.database: got "rdsadmin", which belongs to the server; choose another',
    ),
    (
        "names_are_not_taken_by_the_platform",
        shortest() + "dependencies: {postgres: {database: pg_stats}}\n",
        '11:27: dependencies.postgres.database: got "pg_stats", which belongs to the server; choose another',
    ),
    (
        "standby_is_the_other_cloud",
        shortest().replace("standby: gcp", "standby: aws"),
        '5:27: placement.standby: got "aws", which is the primary too; name the other cloud',
    ),
    (
        "loss_across_clouds_is_not_promised_smaller",
        shortest() + "recovery: {rto_minutes: 240}\n",
        "11:1: recovery.across_clouds.rto_minutes: got 60; cannot be less than the 240 promised within a region",
    ),
    (
        "loss_across_clouds_is_not_promised_smaller",
        shortest() + "recovery: {rpo_minutes: 30, across_clouds: {rpo_minutes: 20}}\n",
        "11:45: recovery.across_clouds.rpo_minutes: got 20; cannot be less than the 30 promised within a region",
    ),
    (
        "exception_from_pod_security_has_a_reason",
        shortest() + "pod_security: {level: baseline}\n",
        '11:16: pod_security.level: got "baseline" without a `reason`; say why "restricted" is not possible',
    ),
    (
        "exception_from_pod_security_has_a_reason",
        shortest() + "pod_security: {reason: The driver needs it.}\n",
        '11:16: pod_security.reason: explains an exception, but the level is "restricted"',
    ),
    (
        "something_runs",
        shortest().split("deployments:", maxsplit=1)[0],
        "1:1: runs nothing; add a workload below `deployments`, `stateful_sets` or `cron_jobs`",
    ),
    (
        "workload_names_are_unique",
        shortest()
        + "cron_jobs: {api: {image: a, schedule: 0 6 * * *, resources: {requests: {cpu: 1m, memory: 1Mi}}}}\n",
        "11:13: cron_jobs.api: there is one of this name in `deployments`; rename one of them",
    ),
    (
        "limits_hold_what_is_requested",
        shortest().replace("memory: 64Mi}}", "memory: 64Mi}, limits: {cpu: 200m, memory: 63Mi}}"),
        '10:115: deployments.api.resources.limits.memory: got "63Mi", less than the requested "64Mi"',
    ),
    (
        "limits_hold_what_is_requested",
        shortest()
        .replace("memory: 64Mi}}", "memory: 64Mi}, limits: {cpu: 0.05, memory: 64Mi}}")
        .replace("0.05", '"0.05"'),
        '10:104: deployments.api.resources.limits.cpu: got "0.05", less than the requested "100m"',
    ),
    (
        "environment_holds_no_secret",
        api("env: {API_KEY: " + "ghp_" + "x" * 36 + "}"),
        (
            "10:31: deployments.api.env.API_KEY: looks like a credential; put it into the secret store and its "
            "entry's name into `secrets`"
        ),
    ),
    (
        "environment_holds_no_secret",
        api("env: {SENTRY_DSN: none}, secrets: {SENTRY_DSN: dsn}"),
        "10:31: deployments.api.env.SENTRY_DSN: stands in `secrets` too; keep one of them",
    ),
    (
        "ports_are_known",
        shortest().replace("liveness: {path: /health}", "liveness: {path: /health, port: admin}"),
        '10:131: deployments.api.probes.liveness.port: got "admin", which is not one of the ports: http',
    ),
    (
        "ports_are_known",
        api("metrics: {port: metrics}"),
        '10:35: deployments.api.metrics.port: got "metrics", which is not one of the ports: http',
    ),
    (
        "routes_fit_the_exposure",
        api("routes: [{host: hello}]"),
        "10:25: deployments.api.routes: has addresses, but `exposure` is none; set it to public or internal",
    ),
    (
        "routes_fit_the_exposure",
        api("exposure: public"),
        '10:25: deployments.api.exposure: got "public" without an address; add it to `routes`',
    ),
    (
        "routes_fit_the_exposure",
        api("exposure: internal, routes: [{host: hello}], metrics: null")
        .replace("http: 8000", "web: 8000")
        .replace("path: /health", "path: /health, port: web")
        .replace("path: /ready", "path: /ready, port: web"),
        "10:85: deployments.api.ports: has no port named `http`, which takes the traffic of routes",
    ),
    (
        "routes_fit_the_exposure",
        api("cdn: true"),
        "10:25: deployments.api.cdn: needs `exposure` public; a content delivery network is on the internet",
    ),
    (
        "scaling_has_room",
        api("scaling: {min: 11}"),
        "10:25: deployments.api.scaling.max: got 10, less than `min`, 11",
    ),
    (
        "migrations_have_a_database",
        api("migration: {command: [go]}"),
        "10:25: deployments.api.migration: has no database to change; add `postgres` to `dependencies`",
    ),
    (
        "slos_are_about_services",
        shortest() + "slos: {speed: {workload: apy, objective: 99}}\n",
        '11:16: slos.speed.workload: got "apy", which is not a service of this system; did you mean `api`?',
    ),
    (
        "alerts_give_one_series_a_system",
        shortest()
        + "alerts: {Slow: {expression: 'rate(x[5m]) > 1', minutes: 5, severity: info, summary: It is slow.}}\n",
        "11:17: alerts.Slow.expression: does not keep the label `system`; aggregate with `sum by (system) (…)`",
    ),
]


@pytest.mark.parametrize(("rule", "text", "fault"), BROKEN, ids=[f"{rule}-{i}" for i, (rule, *_) in enumerate(BROKEN)])
def test_a_system_that_breaks_a_rule_is_told_where_and_why(tmp_path: Path, rule: str, text: str, fault: str) -> None:
    assert faults(tmp_path, greeter=text) == [f"greeter.yaml:{fault}"]


CLASHES = [
    (
        "namespaces_are_unique",
        {"greeter": shortest(), "later": LATER + "namespace: greeter\n"},
        'later.yaml:11:1: namespace: got "greeter", which is the namespace of `greeter` too',
    ),
    (
        "databases_are_unique",
        {
            "greeter": shortest() + "dependencies: {postgres: {}}\n",
            "later": LATER + "dependencies: {postgres: {database: greeter}}\n",
        },
        (
            'later.yaml:11:27: dependencies.postgres.database: got "greeter", which is the database and login of '
            "`greeter` too"
        ),
    ),
    (
        "addresses_are_unique",
        {name: api("exposure: public, routes: [{host: hello, path: /v1}]", name) for name in ("greeter", "later")},
        'later.yaml:10:52: deployments.api.routes[0]: got host "hello" and path "/v1", which lead to `greeter/api` too',
    ),
    (
        "callers_exist",
        {"greeter": api("access: [later/apj]"), "later": LATER},
        (
            'greeter.yaml:10:34: deployments.api.access[0]: got "later/apj", which is not in the catalog; did you mean '
            "`later/api`?"
        ),
    ),
    (
        "callers_exist",
        {"greeter": api("access: [rrio]")},
        (
            'greeter.yaml:10:34: deployments.api.access[0]: got "rrio", which is not in the catalog; known: greeter, '
            "greeter/api"
        ),
    ),
]


@pytest.mark.parametrize(
    ("rule", "files", "fault"), CLASHES, ids=[f"{rule}-{i}" for i, (rule, *_) in enumerate(CLASHES)]
)
def test_a_system_that_clashes_with_another_is_told_where_and_why(
    tmp_path: Path, rule: str, files: dict[str, str], fault: str
) -> None:
    assert faults(tmp_path, **files) == [fault]


def test_every_rule_is_seen_to_refuse() -> None:
    rules = [rule.__name__ for rule in (*SYSTEM_RULES, *CATALOG_RULES)]
    assert sorted({rule for rule, *_ in (*BROKEN, *CLASHES)}) == sorted(rules)


def test_every_rule_says_why_it_exists() -> None:
    assert [rule.__name__ for rule in (*SYSTEM_RULES, *CATALOG_RULES) if not inspect.getdoc(rule)] == []


def test_systems_that_break_no_rule_live_together(tmp_path: Path) -> None:
    catalog = load(
        tmp_path, everything=EVERYTHING, greeter=api("access: [later, everything/backend, greeter/api]"), later=LATER
    )
    assert list(catalog.systems) == ["everything", "greeter", "later"]


def test_a_caller_in_a_file_that_cannot_be_read_is_not_called_unknown(tmp_path: Path) -> None:
    assert faults(tmp_path, greeter=api("access: [later]"), later=LATER + "colour: [") == [
        "later.yaml:11:10: expected the node content, but found '<stream end>'"
    ]
