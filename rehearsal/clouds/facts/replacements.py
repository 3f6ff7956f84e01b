"""Which changes of a resource's inputs make its provider replace it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from rehearsal.clouds.facts.conditions import holds
from rehearsal.clouds.facts.tables import Facts, facts


def forced_replacements(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Finds what forces a replacement, such as `settings.tier` or `taints[0].key`.

    Args:
        token: The resource type.
        old: Its inputs before, with secrets revealed; what the provider filled in may stand among them.
        new: Its inputs after.

    Returns:
        The paths in order; none if the change is made in place, or nothing was read about the type.
    """
    known = facts(token)
    return tuple(_Comparison(known, old, new).forced()) if known else ()


@dataclass(frozen=True)
class _Place:
    """A property in both versions of a resource: its path in the tables and in this resource, and its values."""

    where: str
    path: str
    old: Any
    new: Any

    def inside(self, where: str, path: str, old: Any, new: Any) -> "_Place":
        return _Place(self.where + where, self.path + path, old, new)


@dataclass(frozen=True)
class _Comparison:
    known: Facts
    old: Mapping[str, Any]
    new: Mapping[str, Any]

    def forced(self) -> Iterator[str]:
        root = _Place("", "", self.old, self.new)
        for rule in sorted({*self.known.replaces, *self.known.replaces_when}):
            for place in self._places(root, rule.split(".")):
                if self._changed(rule, place) and self._applies(rule, place):
                    yield place.path

    def _places(self, parent: _Place, names: list[str]) -> Iterator[_Place]:
        """Yields each place that a rule speaks of, less those that the provider looks after itself."""
        if not names:
            yield parent
            return
        name, *rest = names
        if name == "#":
            yield parent.inside(".#", "", _count(parent.old), _count(parent.new))
            return
        if self.known.framework and parent.where and parent.new is None:
            return
        place = self._child(parent, name.removesuffix("[]"))
        if self._left_to_provider(place):
            return
        if not name.endswith("[]"):
            yield from self._places(place, rest)
            return
        olds, news = _items(place.old), _items(place.new)
        for index in range(max(len(olds), len(news))):
            element = place.inside("[]", f"[{index}]", _at(olds, index), _at(news, index))
            yield from self._places(element, rest)

    def _child(self, parent: _Place, name: str) -> _Place:
        separator = "." if parent.where else ""
        default = self.known.defaults.get(f"{parent.where}{separator}{name}")
        added = f"{separator}{name}"
        return parent.inside(added, added, _get(parent.old, name, default), _get(parent.new, name, default))

    def _left_to_provider(self, place: _Place) -> bool:
        return place.new is None and place.where in self.known.computed

    def _changed(self, rule: str, place: _Place) -> bool:
        appears = isinstance(place.old, Mapping) != isinstance(place.new, Mapping)  # also if there is nothing in it
        return not self._same(place) or (appears and rule in self.known.replaces_when)

    def _same(self, place: _Place) -> bool:
        old, new = place.old, place.new
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            names = cast(Mapping[str, Any], old).keys() | cast(Mapping[str, Any], new).keys()
            children = [self._child(place, name) for name in names]
            return all(self._left_to_provider(child) or self._same(child) for child in children)
        if isinstance(old, list) and isinstance(new, list):
            olds, news = cast(list[Any], old), cast(list[Any], new)
            if place.where in self.known.unordered:
                return self._sorted(olds, place.where) == self._sorted(news, place.where)
            pairs = zip(olds, news, strict=False)
            return len(olds) == len(news) and all(self._same(place.inside("[]", "", *pair)) for pair in pairs)
        return _plain(old) == _plain(new)

    def _sorted(self, items: list[Any], where: str) -> list[str]:
        return sorted(json.dumps(self._canonical(item, f"{where}[]"), sort_keys=True) for item in items)

    def _canonical(self, value: Any, where: str) -> Any:
        """Returns a value in a form that is equal for values that mean the same."""
        if isinstance(value, Mapping):
            values = cast(Mapping[str, Any], value)
            made = {name: self._canonical(item, f"{where}.{name}") for name, item in values.items()}
            return {name: item for name, item in made.items() if item not in ("", [], {})}
        if isinstance(value, list):
            items = cast(list[Any], value)
            if where in self.known.unordered:
                return self._sorted(items, where)
            return [self._canonical(item, f"{where}[]") for item in items]
        return _plain(value)

    def _applies(self, rule: str, place: _Place) -> bool:
        condition = self.known.replaces_when.get(rule)
        if condition is None:
            return True

        def guard(path: str) -> _Place:
            at = _Place("", "", self.old, self.new)
            for name in path.split("."):
                at = self._child(at, name)
            return at

        return holds(condition, place.old, place.new, lambda path: guard(path).old, lambda path: guard(path).new)


def _get(parent: Any, name: str, default: Any) -> Any:
    """Returns an object's property. What is not known yet stands for whatever is inside it."""
    if not isinstance(parent, Mapping):
        return parent
    found = cast(Mapping[str, Any], parent).get(name)
    return default if found is None else found


def _items(value: Any) -> list[Any]:
    if isinstance(value, list):
        return cast(list[Any], value)
    return [] if value is None else [value]


def _at(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else None


def _count(value: Any) -> Any:
    """Returns how many blocks a value is; an empty one is one too."""
    if isinstance(value, list):
        return len(cast(list[Any], value))
    return value if isinstance(value, str) else int(value is not None)


def _plain(value: Any) -> str:
    """Returns a value as a provider compares it: nothing is an empty text, a number in a text is that number."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
