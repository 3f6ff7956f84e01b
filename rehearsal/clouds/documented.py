"""Value rules that the SDKs state in words: closed lists of values, and ranges of numbers.

Most properties are plain strings and numbers in the SDKs' types. What the provider accepts stands in a sentence of
their documentation, such as "Valid values are `STANDARD` and `GLACIER`." or "Must be between `7` and `30` days.". A
sentence is read only if it can't be misunderstood: it opens with a known phrase, holds nothing but the values, and
nothing around it weakens it. All else is passed over: to refuse a value that the cloud accepts is worse than to miss a
wrong one. Where the documentation itself is wrong, `value_rules.yaml` says so.
"""

import re
from dataclasses import dataclass

_START = r"(?:^|(?<=[.!?] ))"
_END = r" ?(?:\.(?= |$)|$)"
_VALUES = (
    r"(?:valid|possible|allowed|supported|accepted|acceptable|permitted) (?:values?|options?)"
    r"(?: for this (?:parameter|argument|field|property))?"
)

_LITERAL = r"`[^`]+`(?: ?\([^()`]*\))?"
_CHOICES = re.compile(
    rf"{_START}(?:(?:The )?{_VALUES}(?: are:?| is:?|:)|Each value may be one of:|(?:Value )?must be (?:one of:?|either)"
    rf"|One of:?) (?:either )?(?P<literals>{_LITERAL}(?:(?: ?, ?(?:and |or )?| (?:and|or) | ?\| ?){_LITERAL})*){_END}",
    re.IGNORECASE,
)
# What the generator of the Google provider writes last for every enum: complete, whatever was said before by hand.
_GENERATED = re.compile(r"(?:Possible values are|Each value may be one of): `[^`]+`(?:, `[^`]+`)*\.$")
_WORD = re.compile(r'"?([\w.:/+@ -]+?)"?')
# Families and placeholders in the clothes of literals: `4XX`, `0-128`, `tag:tag-key`, `widthxheight`.
_PLACEHOLDER = re.compile(r"\dXX|\d+-\d+|tag:tag-key|widthxheight")
# Lists that grow faster than they are written down: sizes, versions, dated policies, languages, instance families.
_GROWING = re.compile(r"(?:^|.*[._])(?:\d*x?large|medium|small|micro)|.*\d[._-]\d.*|[a-z]{2}-[A-Z]{2}|[a-z]\d[a-z]*")
# Another list in the same text, or words that open the list again.
_OPENED = re.compile(
    rf"{_VALUES}|(?<!exactly )(?<!only )\bone of\b|\be\.g\.|such as|for example|\betc\b|\bvalid\b|\badditional\b"
    r"|\bcustom\b|\balso (?:valid|supported|accepted|allowed)|\bother values|empty string",
    re.IGNORECASE,
)
_DEFAULT = re.compile(
    r"\bdefaults?(?: value)?(?: is| to| of|:)?(?: set to)? (?:`\"?([^`\"]*)\"?`|(-?\d[\d,.]*\d|\d))", re.IGNORECASE
)

_NUMBER = r"`?(-?\d[\d,]*(?:\.\d+)?)`?"
_UNITS = r"(?:milliseconds|seconds?|minutes?|hours?|days?|weeks?|bytes|KiB|MiB|GiB|KB|MB|GB|TB|percent)"
_UNIT = rf"(?: ?%|[ -]{_UNITS})?(?: \((?:inclusive|default|[\d,.]+ \w+)\))?"
_TO = " to | up to | ?[-\N{EN DASH}] ?"
_RANGE = re.compile(
    rf"{_START}(?:If you specify a value, it must be|(?:The )?{_VALUES}(?: are| is|:)?"
    rf"|(?:The )?(?:valid )?range(?: is|:)|(?:The |This )?(?:value |number |integer )?must be|An integer|Ranges"
    rf"|Accepts values)(?: whole numbers?| integers?| a number| an integer)?"
    rf" (?:in (?:the )?range (?:of |from )?|range )?"
    rf"(?:between {_NUMBER}{_UNIT}(?: and |{_TO})|(?:from )?{_NUMBER}{_UNIT}(?:{_TO}))"
    rf"{_NUMBER}{_UNIT}(?:,? inclusive(?:ly)?)?{_END}",
    re.IGNORECASE,
)


def _bound(name: str, *words: str) -> re.Pattern[str]:
    """Returns the pattern of a sentence that states one bound: "Minimum value of 1.", "Must be at least 1."."""
    return re.compile(
        rf"{_START}(?:(?:The )?{name}(?: value)? (?:of|is)|(?:Value )?must be (?:{'|'.join(words)}))"
        rf" {_NUMBER}{_UNIT}{_END}",
        re.IGNORECASE,
    )


_LEAST = _bound("minimum", "at least", "greater than or equal to")
_MOST = _bound("maximum", "at most", "less than or equal to")
# Another bound in the same text, or a value outside the range that has a meaning of its own.
_EXCEPTED = re.compile(
    r"\b(?:between|minimum|maximum|at least|at most|up to|zero|unlimited|disable[sd]?|depend\w*)\b", re.IGNORECASE
)
_SPECIAL = re.compile(r"(?<![\w.,-])-?[01]\b(?![.,]\d)")


@dataclass(frozen=True)
class Limits:
    """The smallest and the largest number allowed, both included; `None` where there is no such limit."""

    least: float | None
    most: float | None

    def __str__(self) -> str:
        if self.least is None or self.most is None:
            return f"at most {self.most:.10g}" if self.least is None else f"at least {self.least:.10g}"
        return f"between {self.least:.10g} and {self.most:.10g}"

    def allow(self, number: float) -> bool:
        """Says whether a number lies within the limits."""
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


def choices_in(documentation: str) -> tuple[str, ...] | None:
    """Returns the values that a property's documentation lists as the only ones, if it does so beyond doubt."""
    text = " ".join(documentation.split())
    sentences = list(_CHOICES.finditer(text))
    if not sentences:
        return None
    last = sentences[-1]
    choices = _literals(last["literals"])
    if choices is None:
        return None
    if _GENERATED.search(text):
        return choices
    if len(sentences) > 1 or len(choices) == 1 or any(map(_GROWING.fullmatch, choices)):
        return None
    if _OPENED.search(text[: last.start()] + text[last.end() :]):
        return None
    defaults = (word or number for word, number in _DEFAULT.findall(text))
    return choices if all(value in choices for value in defaults) else None


def limits_in(documentation: str) -> Limits | None:
    """Returns the range of numbers that a property's documentation states, if it does so beyond doubt."""
    text = " ".join(documentation.split())
    both, least, most = (list(pattern.finditer(text)) for pattern in (_RANGE, _LEAST, _MOST))
    match (both, least, most):
        case ([sentence], [], []):
            limits = Limits(_number(sentence[1] or sentence[2]), _number(sentence[3]))
        case ([], [low], [high]):
            limits = Limits(_number(low[1]), _number(high[1]))
        case ([], [low], []):
            limits = Limits(_number(low[1]), None)
        case ([], [], [high]):
            limits = Limits(None, _number(high[1]))
        case _:
            return None
    rest = text
    for sentence in (*both, *least, *most):
        rest = rest.replace(sentence[0], " ")
    if _EXCEPTED.search(rest) or any(_mixes_units(sentence[0]) for sentence in both):
        return None
    mentioned = [*_SPECIAL.findall(rest), *(number for _, number in _DEFAULT.findall(rest) if number)]
    return limits if all(limits.allow(_number(number)) for number in mentioned) else None


def _literals(sentence: str) -> tuple[str, ...] | None:
    """Returns the back-quoted literals of a list, or nothing if one of them is not a plain value."""
    found: list[str] = []
    for quoted in re.findall(r"`([^`]+)`", sentence):
        word = _WORD.fullmatch(quoted.strip())
        if word is None or _PLACEHOLDER.fullmatch(word[1]):
            return None
        found.append(word[1])
    return tuple(dict.fromkeys(found))


def _mixes_units(sentence: str) -> bool:
    """Says whether a range counts its ends in different units, such as "1 second to 1 week"."""
    units = re.findall(rf"\b{_UNITS}\b", re.sub(r"\(.*?\)", "", sentence))
    return len({unit.removesuffix("s") for unit in units}) > 1


def _number(text: str) -> float:
    return float(text.replace(",", ""))
