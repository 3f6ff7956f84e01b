"""What must hold within a system and between systems, beyond the shape of a file."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from catalog.documents import Finding, Location, looks_like_a_credential, nearest
from catalog.model import System
from catalog.types import amount
from catalog.workloads import Exposure, Service

SystemRule = Callable[[System], Iterator[Finding]]
CatalogRule = Callable[[Mapping[str, System]], Iterator[tuple[str, Finding]]]

_BY_SYSTEM = re.compile(r"\bby\s*\([^)]*\bsystem\b")
# Made by PostgreSQL, RDS and Cloud SQL on every server.
_SERVERS_OWN_DATABASES = frozenset({"postgres", "template0", "template1", "rdsadmin", "cloudsqladmin"})


def standby_is_the_other_cloud(system: System) -> Iterator[Finding]:
    """A copy in the same cloud is lost with it."""
    if system.placement.primary is system.placement.standby:
        yield Finding(
            ("placement", "standby"),
            f'got "{system.placement.standby}", which is the primary too; name the other cloud',
        )


def loss_across_clouds_is_not_promised_smaller(system: System) -> Iterator[Finding]:
    """What survives the loss of a cloud survives the loss of a database too, never the other way round."""
    for figure in ("rto_minutes", "rpo_minutes"):
        within: int = getattr(system.recovery, figure)
        across: int = getattr(system.recovery.across_clouds, figure)
        if across < within:
            yield Finding(
                ("recovery", "across_clouds", figure),
                f"got {across}; cannot be less than the {within} promised within a region",
            )


def exception_from_pod_security_has_a_reason(system: System) -> Iterator[Finding]:
    """An auditor reads the reason; a reason without an exception misleads."""
    exempt = system.pod_security.level != "restricted"
    if exempt and not system.pod_security.reason:
        yield Finding(
            ("pod_security", "level"),
            f'got "{system.pod_security.level}" without a `reason`; say why "restricted" is not possible',
        )
    if not exempt and system.pod_security.reason:
        yield Finding(("pod_security", "reason"), 'explains an exception, but the level is "restricted"')


def something_runs(system: System) -> Iterator[Finding]:
    """A system without a workload is a mistake."""
    if not any(system.workloads):
        yield Finding((), "runs nothing; add a workload below `deployments`, `stateful_sets` or `cron_jobs`")


def workload_names_are_unique(system: System) -> Iterator[Finding]:
    """A workload's name is the name of its objects and its label, whatever its kind."""
    seen: dict[str, str] = {}
    for group, name, _ in system.workloads:
        if name in seen:
            yield Finding((group, name), f"there is one of this name in `{seen[name]}`; rename one of them")
        seen.setdefault(name, group)


def limits_hold_what_is_requested(system: System) -> Iterator[Finding]:
    """Kubernetes refuses a pod that requests more than it may use."""
    for group, name, workload in system.workloads:
        limits = workload.resources.limits
        if limits is None:
            continue
        requests = workload.resources.requests
        for resource, limit, request in (
            ("cpu", limits.cpu, requests.cpu),
            ("memory", limits.memory, requests.memory),
        ):
            if amount(limit) < amount(request):
                yield Finding(
                    (group, name, "resources", "limits", resource),
                    f'got "{limit}", less than the requested "{request}"',
                )


def environment_holds_no_secret(system: System) -> Iterator[Finding]:
    """Whoever may read a pod reads its environment: secrets come from the secret store."""
    for group, name, workload in system.workloads:
        for variable, value in workload.env.items():
            if variable in workload.secrets:
                yield Finding((group, name, "env", variable), "stands in `secrets` too; keep one of them")
            elif looks_like_a_credential(value):
                text = "looks like a credential; put it into the secret store and its entry's name into `secrets`"
                yield Finding((group, name, "env", variable), text)


def ports_are_known(system: System) -> Iterator[Finding]:
    """Probes and metrics name a port of the same workload."""
    for group, name, service in _services(system):
        asked: list[tuple[Location, str]] = [
            (("probes", field), probe.port)
            for field, probe in (
                ("liveness", service.probes.liveness),
                ("readiness", service.probes.readiness),
                ("startup", service.probes.startup),
            )
            if probe
        ]
        if service.metrics:
            asked.append((("metrics",), service.metrics.port))
        for where, port in asked:
            if port not in service.ports:
                yield Finding(
                    (group, name, *where, "port"),
                    f'got "{port}", which is not one of the ports: {", ".join(service.ports)}',
                )


def routes_fit_the_exposure(system: System) -> Iterator[Finding]:
    """An address without exposure leads nowhere; exposure without an address exposes nothing."""
    for group, name, service in _services(system):
        where = (group, name)
        if service.exposure is Exposure.NONE:
            if service.routes:
                text = "has addresses, but `exposure` is none; set it to public or internal"
                yield Finding((*where, "routes"), text)
        elif not service.routes:
            text = f'got "{service.exposure}" without an address; add it to `routes`'
            yield Finding((*where, "exposure"), text)
        elif "http" not in service.ports:
            yield Finding((*where, "ports"), "has no port named `http`, which takes the traffic of routes")
        if service.cdn and service.exposure is not Exposure.PUBLIC:
            text = "needs `exposure` public; a content delivery network is on the internet"
            yield Finding((*where, "cdn"), text)


def scaling_has_room(system: System) -> Iterator[Finding]:
    """The most cannot be less than the fewest."""
    for name, deployment in system.deployments.items():
        if deployment.scaling.max < deployment.scaling.min:
            yield Finding(
                ("deployments", name, "scaling", "max"),
                f"got {deployment.scaling.max}, less than `min`, {deployment.scaling.min}",
            )


def migrations_have_a_database(system: System) -> Iterator[Finding]:
    """A migration without a database is left over, or the database was forgotten."""
    for name, deployment in system.deployments.items():
        if deployment.migration and not system.dependencies.postgres:
            text = "has no database to change; add `postgres` to `dependencies`"
            yield Finding(("deployments", name, "migration"), text)


def slos_are_about_services(system: System) -> Iterator[Finding]:
    """A promise about requests needs a workload that answers them."""
    known = [name for _, name, _ in _services(system)]
    for name, slo in system.slos.items():
        if slo.workload not in known:
            text = f'got "{slo.workload}", ' + _unknown("a service of this system", slo.workload, known)
            yield Finding(("slos", name, "workload"), text)


def alerts_give_one_series_a_system(system: System) -> Iterator[Finding]:
    """Without the label an alert cannot be routed to its owner."""
    for name, alert in system.alerts.items():
        if not _BY_SYSTEM.search(alert.expression):
            text = "does not keep the label `system`; aggregate with `sum by (system) (…)`"
            yield Finding(("alerts", name, "expression"), text)


def names_are_not_taken_by_the_platform(system: System) -> Iterator[Finding]:
    """Kubernetes and the database servers have namespaces and databases of their own."""
    namespace = system.kubernetes_namespace
    if namespace == "default" or namespace.startswith("kube-"):
        yield Finding(("namespace",), f'got "{namespace}", which belongs to Kubernetes; choose another')
    database = system.database
    if database in _SERVERS_OWN_DATABASES or (database or "").startswith("pg_"):
        text = f'got "{database}", which belongs to the server; choose another'
        yield Finding(("dependencies", "postgres", "database"), text)


SYSTEM_RULES: tuple[SystemRule, ...] = (
    names_are_not_taken_by_the_platform,
    standby_is_the_other_cloud,
    loss_across_clouds_is_not_promised_smaller,
    exception_from_pod_security_has_a_reason,
    something_runs,
    workload_names_are_unique,
    limits_hold_what_is_requested,
    environment_holds_no_secret,
    ports_are_known,
    routes_fit_the_exposure,
    scaling_has_room,
    migrations_have_a_database,
    slos_are_about_services,
    alerts_give_one_series_a_system,
)
"""What each system must hold on its own."""


def namespaces_are_unique(systems: Mapping[str, System]) -> Iterator[tuple[str, Finding]]:
    """Two systems in one namespace would share quota, identity and network policies."""
    taken: dict[str, str] = {}
    for key, system in systems.items():
        holder = taken.setdefault(system.kubernetes_namespace, key)
        if holder != key:
            text = f'got "{system.kubernetes_namespace}", which is the namespace of `{holder}` too'
            yield key, Finding(("namespace",), text)


def databases_are_unique(systems: Mapping[str, System]) -> Iterator[tuple[str, Finding]]:
    """Two systems with one login could read each other's data; the archive holds the databases of all."""
    taken: dict[str, str] = {}
    for key, system in systems.items():
        if system.database is None:
            continue
        holder = taken.setdefault(system.database, key)
        if holder != key:
            text = f'got "{system.database}", which is the database and login of `{holder}` too'
            yield key, Finding(("dependencies", "postgres", "database"), text)


def addresses_are_unique(systems: Mapping[str, System]) -> Iterator[tuple[str, Finding]]:
    """A request can go to one service only."""
    taken: dict[tuple[str, str], Location] = {}
    for key, system in systems.items():
        for group, name, service in _services(system):
            for index, route in enumerate(service.routes):
                here = (key, name, index)
                holder = taken.setdefault((route.host, route.path), here)
                if holder != here:
                    taker = f"{holder[0]}/{holder[1]}"
                    text = f'got host "{route.host}" and path "{route.path}", which lead to `{taker}` too'
                    yield key, Finding((group, name, "routes", index), text)


def callers_exist(systems: Mapping[str, System]) -> Iterator[tuple[str, Finding]]:
    """Access for a caller that does not exist is a misspelling, or left over."""
    workloads = {f"{key}/{name}" for key, system in systems.items() for _, name, _ in system.workloads}
    known = systems.keys() | workloads
    for key, system in systems.items():
        for group, name, service in _services(system):
            for index, caller in enumerate(service.access):
                if caller not in known:
                    text = f'got "{caller}", ' + _unknown("in the catalog", caller, known)
                    yield key, Finding((group, name, "access", index), text)


CATALOG_RULES: tuple[CatalogRule, ...] = (
    namespaces_are_unique,
    databases_are_unique,
    addresses_are_unique,
    callers_exist,
)
"""What systems must hold among each other; each rule names the system at fault, the later one by name."""


def _services(system: System) -> Iterator[tuple[str, str, Service]]:
    for group, name, workload in system.workloads:
        if isinstance(workload, Service):
            yield group, name, workload


def _unknown(where: str, name: str, known: Iterable[str]) -> str:
    match = nearest(name, known)
    hint = f"did you mean `{match}`?" if match else f"known: {', '.join(sorted(known))}"
    return f"which is not {where}; {hint}"
