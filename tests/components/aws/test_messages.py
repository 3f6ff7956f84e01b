import json
import re
from typing import Any

import pytest

from components.aws.messages import Queue, QueueArgs, Sender, Topic, TopicArgs
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve

QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/spot"
DEAD = "https://sqs.eu-west-1.amazonaws.com/111122223333/spot-dead"
INTERRUPTION = {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]}


def _queue_args(**changes: Any) -> QueueArgs:
    return QueueArgs(**{"queue_name": "lender-spot", "key": "arn:messaging-key", "tags": TAGS, **AWS} | changes)


def _queue(**changes: Any) -> Recording:
    return build(lambda: Queue("spot", _queue_args(**changes)))


def _topic_args(**changes: Any) -> TopicArgs:
    return TopicArgs(**{"topic_name": "lender-on-call", "key": "arn:messaging-key", "tags": TAGS, **AWS} | changes)


def _topic(**changes: Any) -> Recording:
    return build(lambda: Topic("on-call", _topic_args(**changes)))


def _deny_plain_http(action: str, resource: str) -> dict[str, Any]:
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": [action],
        "Resource": [resource],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_a_queue_and_its_dead_letters_are_encrypted_and_patient() -> None:
    recording = _queue(retention_days=3, delivery_attempts=7, visibility_seconds=120)

    assert recording.inputs("aws:sqs/queue:Queue") == {
        "spot-dead": {
            "name": "lender-spot-dead",
            "messageRetentionSeconds": 1_209_600,
            "kmsMasterKeyId": "arn:messaging-key",
            "tags": aws_tags(),
        },
        "spot": {
            "name": "lender-spot",
            "messageRetentionSeconds": 259_200,
            "receiveWaitTimeSeconds": 20,
            "visibilityTimeoutSeconds": 120,
            "kmsMasterKeyId": "arn:messaging-key",
            "redrivePolicy": json.dumps({"deadLetterTargetArn": "arn:spot-dead", "maxReceiveCount": 7}),
            "tags": aws_tags(),
        },
    }
    assert recording.inputs("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy") == {
        "spot": {
            "queueUrl": DEAD,
            "redriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": ["arn:spot"]}),
        }
    }


def test_nobody_sends_but_whom_the_policy_names_and_nobody_without_tls() -> None:
    recording = _queue(
        senders={
            "model-bucket": Sender(service="s3.amazonaws.com", source_arn="arn:aws:s3:::models"),
            "alarms": Sender(service="cloudwatch.amazonaws.com"),
        }
    )
    policies = {
        name: (inputs["queueUrl"], json.loads(inputs["policy"]))
        for name, inputs in recording.inputs("aws:sqs/queuePolicy:QueuePolicy").items()
    }

    assert policies == {
        "spot-dead": (DEAD, {"Version": "2012-10-17", "Statement": [_deny_plain_http("sqs:*", "arn:spot-dead")]}),
        "spot": (
            QUEUE,
            {
                "Version": "2012-10-17",
                "Statement": [
                    _deny_plain_http("sqs:*", "arn:spot"),
                    {
                        "Sid": "LetModelBucketSend",
                        "Effect": "Allow",
                        "Principal": {"Service": "s3.amazonaws.com"},
                        "Action": ["sqs:SendMessage"],
                        "Resource": ["arn:spot"],
                        "Condition": {
                            "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::models"},
                            "StringEqualsIfExists": {"aws:SourceAccount": "111122223333"},
                        },
                    },
                    {
                        "Sid": "LetAlarmsSend",
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": ["sqs:SendMessage"],
                        "Resource": ["arn:spot"],
                        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
                    },
                ],
            },
        ),
    }


def test_events_go_into_the_queue_once_its_policy_lets_their_rule_send() -> None:
    recording = _queue(events={"interruption": INTERRUPTION})
    policy = json.loads(recording.inputs("aws:sqs/queuePolicy:QueuePolicy")["spot"]["policy"])

    assert recording.inputs("aws:cloudwatch/eventRule:EventRule") == {
        "spot-interruption": {
            "description": "interruption for the queue lender-spot",
            "eventPattern": json.dumps(INTERRUPTION, sort_keys=True),
            "tags": aws_tags(),
        }
    }
    target = recording.one("aws:cloudwatch/eventTarget:EventTarget", "spot-interruption")
    assert target.inputs == {"rule": "spot-interruption-0", "arn": "arn:spot"}
    assert "spot" in target.depends_on
    assert policy["Statement"][1] == {
        "Sid": "LetInterruptionSend",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": ["arn:spot"],
        "Condition": {
            "ArnEquals": {"aws:SourceArn": "arn:spot-interruption"},
            "StringEqualsIfExists": {"aws:SourceAccount": "111122223333"},
        },
    }


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("name", "lender-spot"), ("arn", "arn:spot"), ("url", QUEUE), ("dead_letter_arn", "arn:spot-dead")],
)
def test_a_queue_tells_where_it_is(attribute: str, value: str) -> None:
    assert resolve(lambda: getattr(Queue("spot", _queue_args()), attribute)) == value


def test_a_topic_is_encrypted_and_published_on_by_whom_its_policy_names() -> None:
    recording = _topic(senders={"budgets": Sender(service="budgets.amazonaws.com")})

    assert recording.inputs("aws:sns/topic:Topic") == {
        "on-call": {
            "name": "lender-on-call",
            "kmsMasterKeyId": "arn:messaging-key",
            "signatureVersion": 2,
            "tags": aws_tags(),
        }
    }
    policy = recording.inputs("aws:sns/topicPolicy:TopicPolicy")["on-call"]
    assert (policy["arn"], json.loads(policy["policy"])) == (
        "arn:on-call",
        {
            "Version": "2012-10-17",
            "Statement": [
                _deny_plain_http("sns:Publish", "arn:on-call"),
                {
                    "Sid": "LetBudgetsSend",
                    "Effect": "Allow",
                    "Principal": {"Service": "budgets.amazonaws.com"},
                    "Action": ["sns:Publish"],
                    "Resource": ["arn:on-call"],
                    "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
                },
            ],
        },
    )


def test_queues_get_messages_as_they_were_sent_and_people_get_mail() -> None:
    recording = _topic(queues={"inquiries": "arn:inquiries"}, emails=["on-call@example.com"])

    assert recording.inputs("aws:sns/topicSubscription:TopicSubscription") == {
        "on-call-inquiries": {
            "topic": "arn:on-call",
            "protocol": "sqs",
            "endpoint": "arn:inquiries",
            "rawMessageDelivery": True,
        },
        "on-call-on-call@example.com": {
            "topic": "arn:on-call",
            "protocol": "email",
            "endpoint": "on-call@example.com",
        },
    }


def test_a_topic_tells_its_arn() -> None:
    assert resolve(lambda: Topic("on-call", _topic_args()).arn) == "arn:on-call"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sender(service="s3"), "Sender.service: 's3' is not a service of AWS such as s3.amazonaws.com"),
        (
            lambda: _queue_args(queue_name="lender.spot"),
            "queue_name: 'lender.spot' is not 1 to 68 letters, digits, hyphens and underscores",
        ),
        (lambda: _queue_args(account_id="1"), "account_id: '1' is not the twelve digits of an AWS account"),
        (lambda: _queue_args(retention_days=15), "retention_days: 15 is outside 1 to 14"),
        (lambda: _queue_args(delivery_attempts=4), "delivery_attempts: 4 is less than 5"),
        (lambda: _queue_args(visibility_seconds=0), "visibility_seconds: 0 is outside 1 to 43200"),
        (lambda: _queue_args(events={"all": {}}), "events[all]: an empty pattern would let no event through"),
        (
            lambda: _topic_args(topic_name=""),
            "topic_name: '' is not 1 to 68 letters, digits, hyphens and underscores",
        ),
        (lambda: _topic_args(emails=["on-call"]), "emails: 'on-call' is not an e-mail address"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()
