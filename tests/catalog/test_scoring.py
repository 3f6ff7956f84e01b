"""What seeds 000, 001 and 004 ask of the scoring service stands in its catalog file."""

import pytest

from catalog import System, load_catalog
from catalog.dependencies import Bucket, Dependencies, Mlflow, Postgres, Redis
from catalog.model import AcrossClouds, Recovery, Slo
from catalog.types import Cloud
from catalog.workloads import Exposure, HttpProbe, Metrics, Migration, Probes, RateLimit, Scaling, Strategy
from components.retention import RETENTION, RetentionClass
from components.tags import Classification, DataKind


@pytest.fixture(scope="module")
def scoring() -> System:
    return load_catalog().systems["scoring"]


def test_scoring_recovers_within_the_hour_and_loses_at_most_15_minutes(scoring: System) -> None:
    # Seed 004, disaster recovery: one hour, fifteen minutes; the database alone in half an hour and five minutes.
    across = AcrossClouds(rto_minutes=60, rpo_minutes=15)
    assert scoring.recovery == Recovery(rto_minutes=30, rpo_minutes=5, across_clouds=across)
    assert (scoring.placement.primary, scoring.placement.standby) == (Cloud.AWS, Cloud.GCP)


def test_applicants_data_is_restricted_and_decisions_are_kept_for_seven_years(scoring: System) -> None:
    assert (scoring.classification, scoring.data_kind) == (Classification.RESTRICTED, DataKind.PII)
    assert RETENTION[scoring.retention].days == 2557


def test_scoring_depends_on_postgres_redis_buckets_and_the_model_registry(scoring: System) -> None:
    assert scoring.dependencies == Dependencies(
        postgres=Postgres(database="scoring", extensions=("pg_stat_statements", "pgaudit", "pg_partman")),
        redis=Redis(uses=("cache", "counters", "revocations")),
        bucket={
            "models": Bucket(
                description="Trained models with their model cards, data sheets and signatures.",
                data_kind=DataKind.MODEL,
                classification=Classification.CONFIDENTIAL,
                retention=RetentionClass.MODELS,
            ),
            "approvals": Bucket(
                description="Who approved which model on which evidence, signed by both.",
                data_kind=DataKind.AUDIT,
                classification=Classification.CONFIDENTIAL,
            ),
        },
        mlflow=Mlflow(models=("credit-risk",)),
    )


def test_the_api_scales_from_3_to_20_pods(scoring: System) -> None:
    # Seed 004: 3 to 20 replicas; seed 003: processor 70%, memory 80%.
    assert scoring.deployments["api"].scaling == Scaling(min=3, max=20, cpu_percent=70, memory_percent=80)


def test_the_api_is_replaced_blue_green_after_its_migration(scoring: System) -> None:
    api = scoring.deployments["api"]
    assert (api.strategy, api.migration) == (Strategy.BLUE_GREEN, Migration(command=("alembic", "upgrade", "head")))


def test_the_api_is_public_on_port_8000_and_limited_for_each_client(scoring: System) -> None:
    api = scoring.deployments["api"]
    assert (api.exposure, api.ports) == (Exposure.PUBLIC, {"http": 8000})
    assert api.rate_limits == (RateLimit(path="/v1/score", per="client", requests_per_minute=12000),)


def test_the_api_is_probed_and_scraped_where_seed_003_says(scoring: System) -> None:
    api = scoring.deployments["api"]
    assert api.probes == Probes(
        startup=HttpProbe(path="/health", period_seconds=2, failures=30),
        liveness=HttpProbe(path="/health"),
        readiness=HttpProbe(path="/ready", period_seconds=5),
    )
    assert api.metrics == Metrics(path="/metrics", port="http", interval_seconds=15)


def test_scoring_promises_three_nines_and_a_p95_of_200_ms(scoring: System) -> None:
    assert scoring.slos == {
        "availability": Slo(workload="api", objective=99.9),
        "latency": Slo(workload="api", objective=95, latency_ms=200),
    }


def test_the_model_is_retrained_monthly_clear_of_the_backups(scoring: System) -> None:
    minute, hour, day, month, weekday = scoring.cron_jobs["retrain"].schedule.split()
    assert (day, month, weekday) == ("1", "*", "*")
    assert (int(hour), int(minute)) >= (6, 0)
