"""Queues on SQS and topics on SNS: encrypted, reached by TLS only, and filled by whom their policy names."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.account import check_account
from components.aws.documents import Condition, PolicyDocument, document, rendered, statement
from components.checks import check_name
from components.ordering import after
from components.tags import Tags

EventPattern = Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]
"""Fields of an event and the values that let it through: `{"source": ["aws.ec2"]}`."""

MAX_RETENTION_DAYS: Final = 14
"""The longest that SQS keeps a message."""

MIN_DELIVERY_ATTEMPTS: Final = 5
"""The fewest that Pub/Sub makes before it gives up: a queue has to work on both clouds."""

_DAY_SECONDS: Final = 86_400
# The whole time that SQS lets one asking wait for a message: fewer empty answers, each of which is paid for.
_LONG_POLL_SECONDS: Final = 20
_MAX_VISIBILITY_SECONDS: Final = 43_200
_NAME = re.compile(r"[A-Za-z0-9_-]{1,68}")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, kw_only=True)
class Sender:
    """A service of AWS that may send.

    Attributes:
        service: The service, for example s3.amazonaws.com.
        source_arn: The resource for which it sends; None for all of the account's.

    Raises:
        ValueError: The service is written wrongly.
    """

    service: str
    source_arn: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        check_name("Sender.service", self.service, _SERVICE, "a service of AWS such as s3.amazonaws.com")


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """What fills a queue, and how long it is patient.

    Attributes:
        queue_name: The queue's name; its dead letters are in `<queue_name>-dead`.
        account_id: The account that the queue is in.
        region: The region that the queue is in.
        key: The ARN of the key that encrypts messages.
        tags: Tags of everything that belongs to it.
        senders: Services of AWS that may send, by a name that stays. The account's own roles need no mention.
        events: Events of the account's default bus that go into the queue, by a name that stays.
        retention_days: Days that a message waits for its reader.
        delivery_attempts: After how many failed deliveries a message goes to the dead letters.
        visibility_seconds: How long a reader may work on a message before another one gets it.

    Raises:
        ValueError: An argument that SQS would refuse.
    """

    queue_name: str
    account_id: str
    region: str
    key: pulumi.Input[str]
    tags: Tags
    senders: Mapping[str, Sender] = field(default_factory=dict[str, Sender])
    events: Mapping[str, EventPattern] = field(default_factory=dict[str, EventPattern])
    retention_days: int = 7
    delivery_attempts: int = MIN_DELIVERY_ATTEMPTS
    visibility_seconds: int = 60

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_name("queue_name", self.queue_name, _NAME, "1 to 68 letters, digits, hyphens and underscores")
        if not 1 <= self.retention_days <= MAX_RETENTION_DAYS:
            raise ValueError(f"retention_days: {self.retention_days} is outside 1 to {MAX_RETENTION_DAYS}")
        if self.delivery_attempts < MIN_DELIVERY_ATTEMPTS:
            raise ValueError(f"delivery_attempts: {self.delivery_attempts} is less than {MIN_DELIVERY_ATTEMPTS}")
        if not 1 <= self.visibility_seconds <= _MAX_VISIBILITY_SECONDS:
            raise ValueError(f"visibility_seconds: {self.visibility_seconds} is outside 1 to {_MAX_VISIBILITY_SECONDS}")
        for name, pattern in self.events.items():
            if not pattern:
                raise ValueError(f"events[{name}]: an empty pattern would let no event through")


class Queue(pulumi.ComponentResource):
    """A queue with its dead letters.

    Attributes:
        name: The queue's name. Like the others it is handed out once the queue's policy stands.
        arn: The queue's ARN.
        url: The address that its readers ask.
        dead_letter_arn: The ARN of the queue of what nobody could read.

    Example:
        >>> args = QueueArgs(queue_name="decisions", key=key, tags=tags, **place)
        >>> url: pulumi.Output[str] = Queue("decisions", args).url
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Queue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        dead = aws.sqs.Queue(
            f"{name}-dead",
            name=f"{args.queue_name}-dead",
            # A message's age counts from its first sending: the longest retention leaves the most time to look.
            message_retention_seconds=MAX_RETENTION_DAYS * _DAY_SECONDS,
            kms_master_key_id=args.key,
            tags=args.tags.aws(),
            opts=child,
        )
        queue = aws.sqs.Queue(
            name,
            name=args.queue_name,
            message_retention_seconds=args.retention_days * _DAY_SECONDS,
            receive_wait_time_seconds=_LONG_POLL_SECONDS,
            visibility_timeout_seconds=args.visibility_seconds,
            kms_master_key_id=args.key,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead.arn, "maxReceiveCount": args.delivery_attempts}
            ),
            tags=args.tags.aws(),
            opts=child,
        )
        aws.sqs.RedriveAllowPolicy(
            name,
            queue_url=dead.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}
            ),
            opts=child,
        )
        rules = {
            event: aws.cloudwatch.EventRule(
                f"{name}-{event}",
                description=f"{event} for the queue {args.queue_name}",
                event_pattern=json.dumps(pattern, sort_keys=True),
                tags=args.tags.aws(),
                opts=child,
            )
            for event, pattern in args.events.items()
        }
        senders = dict(args.senders) | {
            event: Sender(service="events.amazonaws.com", source_arn=rule.arn) for event, rule in rules.items()
        }
        aws.sqs.QueuePolicy(
            f"{name}-dead", queue_url=dead.url, policy=rendered(queue_policy(dead.arn, {}, args.account_id)), opts=child
        )
        policy = aws.sqs.QueuePolicy(
            name,
            queue_url=queue.url,
            policy=rendered(queue_policy(queue.arn, senders, args.account_id)),
            opts=child,
        )
        for event, rule in rules.items():
            aws.cloudwatch.EventTarget(
                f"{name}-{event}",
                rule=rule.name,
                arn=queue.arn,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
            )
        self.name = after(queue.name, policy)
        self.arn = after(queue.arn, policy)
        self.url = after(queue.url, policy)
        self.dead_letter_arn = dead.arn
        self.register_outputs(
            {"name": self.name, "arn": self.arn, "url": self.url, "deadLetterArn": self.dead_letter_arn}
        )


def queue_policy(queue_arn: pulumi.Input[str], senders: Mapping[str, Sender], account_id: str) -> PolicyDocument:
    """Who may send to a queue beside the account's own roles, and that nobody may use it without TLS."""
    return _policy(queue_arn, senders, account_id, everything=["sqs:*"], send=["sqs:SendMessage"])


@dataclass(frozen=True, kw_only=True)
class TopicArgs:
    """What is announced on a topic, and to whom.

    Attributes:
        topic_name: The topic's name.
        account_id: The account that the topic is in.
        region: The region that the topic is in.
        key: The ARN of the key that encrypts messages.
        tags: Tags of the topic.
        senders: Services of AWS that may publish, by a name that stays. The account's own roles need no mention.
        queues: ARNs of queues that get each message as it was sent, by a name that stays. Each of them has to let
            `sns.amazonaws.com` send for the topic.
        emails: Addresses that get each message once they have confirmed it.

    Raises:
        ValueError: An argument that SNS would refuse.
    """

    topic_name: str
    account_id: str
    region: str
    key: pulumi.Input[str]
    tags: Tags
    senders: Mapping[str, Sender] = field(default_factory=dict[str, Sender])
    queues: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    emails: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_account(self.account_id, self.region)
        check_name("topic_name", self.topic_name, _NAME, "1 to 68 letters, digits, hyphens and underscores")
        for email in self.emails:
            check_name("emails", email, _EMAIL, "an e-mail address")


class Topic(pulumi.ComponentResource):
    """A topic with its subscriptions.

    Attributes:
        arn: The topic's ARN, handed out once its policy stands.

    Example:
        >>> args = TopicArgs(topic_name="on-call", key=key, emails=["on-call@example.com"], tags=tags, **place)
        >>> arn: pulumi.Output[str] = Topic("on-call", args).arn
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: TopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Topic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            name,
            name=args.topic_name,
            kms_master_key_id=args.key,
            # SHA-256; SNS signs with SHA-1 unless told otherwise.
            signature_version=2,
            tags=args.tags.aws(),
            opts=child,
        )
        policy = aws.sns.TopicPolicy(
            name, arn=topic.arn, policy=rendered(topic_policy(topic.arn, args.senders, args.account_id)), opts=child
        )
        for queue, arn in args.queues.items():
            aws.sns.TopicSubscription(
                f"{name}-{queue}", topic=topic.arn, protocol="sqs", endpoint=arn, raw_message_delivery=True, opts=child
            )
        for email in args.emails:
            aws.sns.TopicSubscription(f"{name}-{email}", topic=topic.arn, protocol="email", endpoint=email, opts=child)
        self.arn = after(topic.arn, policy)
        self.register_outputs({"arn": self.arn})


def topic_policy(topic_arn: pulumi.Input[str], senders: Mapping[str, Sender], account_id: str) -> PolicyDocument:
    """Who may publish on a topic beside the account's own roles, and that nobody may without TLS."""
    return _policy(topic_arn, senders, account_id, everything=["sns:Publish"], send=["sns:Publish"])


def _policy(
    arn: pulumi.Input[str],
    senders: Mapping[str, Sender],
    account_id: str,
    *,
    everything: Sequence[str],
    send: Sequence[str],
) -> PolicyDocument:
    return document(
        statement(
            "DenyPlainHttp",
            effect="Deny",
            principal="*",
            actions=everything,
            resources=[arn],
            condition={"Bool": {"aws:SecureTransport": "false"}},
        ),
        *(
            statement(
                f"Let{_camel(name)}Send",
                principal={"Service": sender.service},
                actions=send,
                resources=[arn],
                condition=_only_for(sender, account_id),
            )
            for name, sender in senders.items()
        ),
    )


def _only_for(sender: Sender, account_id: str) -> Condition:
    """That a service sends for the account, or for one resource of it.

    Not every service that tells the resource tells the account too; a bucket's ARN does not hold it either.
    """
    if sender.source_arn is None:
        return {"StringEquals": {"aws:SourceAccount": account_id}}
    return {
        "ArnEquals": {"aws:SourceArn": sender.source_arn},
        "StringEqualsIfExists": {"aws:SourceAccount": account_id},
    }


def _camel(name: str) -> str:
    """A name as a part of a statement's Sid, which takes letters and digits only."""
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name))
