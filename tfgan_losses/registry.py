"""Names for objects: registered by a decorator, found again by name, spec string or config.

A *spec* is a name, or a call with keyword arguments, written as text::

    hinge
    hinge(margin=0.5)
    gradient_penalty(weight=10, every=4), r1(weight=1)

    r1(weight=cosine(start=1, end=0.1, steps=1000))

Arguments are Python literals and are read with `ast.literal_eval`, or specs themselves, or bare
names, if the registry has registries of `options`; nothing is executed.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import keras

from tfgan_losses import names, specs
from tfgan_losses.specs import Spec

Identifier: TypeAlias = Any
"""A name, a spec string, a config, a class or an object, whose type is the registry's."""

_T = TypeVar("_T")
_Class = TypeVar("_Class", bound=type)


class Registered(Protocol):
    """What is made from a spec."""

    def get_config(self) -> dict[str, Any]:
        """Its options."""


def name_of(owner: object) -> str:
    """The name an object is registered under, or that of its class if it is not.

    Args:
        owner: An object of any class.
    """
    return getattr(owner, "registered_name", type(owner).__name__)


def spec_of(owner: Registered) -> str:
    """An object as one line that could be typed: `cosine(start=1, end=0.1)`.

    Args:
        owner: A loss, a penalty, a schedule or another object with options.

    Examples:
        >>> from tfgan_losses import losses, registry
        >>> registry.spec_of(losses.Hinge(margin=0.5))
        'hinge(margin=0.5)'
    """
    # Of the object where it has it: the config of an option may be many lines.
    options = {key: getattr(owner, key, value) for key, value in owner.get_config().items()}
    return f"{name_of(owner)}({', '.join(f'{k}={v!r}' for k, v in options.items())})"


class Registry(Generic[_T]):
    """The classes of one kind, such as losses, under the names they are asked for by.

    Args:
        kind: What the entries are, in the singular. Used in error messages.
        base: What every object is an instance of.
        options: Registries of objects that options of the entries may be, such as schedules.
    """

    def __init__(
        self, kind: str, *, base: type[_T], options: Registry[Any] | Sequence[Registry[Any]] = ()
    ):
        self.kind = kind
        self.base = base
        self.options = (options,) if isinstance(options, Registry) else tuple(options)
        self._classes: dict[str, type[_T]] = {}

    def register(self, name: str) -> Callable[[_Class], _Class]:
        """Class decorator: registers a class here and with Keras' serialisation.

        Raises:
            ValueError: If the name is taken.
        """
        if name in self._classes:
            raise ValueError(
                f"Expected a {self.kind} of a new name; {name!r} is registered already. "
                f"Received: name={name!r}"
            )

        def decorate(cls: _Class) -> _Class:
            self._classes[name] = keras.saving.register_keras_serializable("tfgan_losses")(cls)
            cls.registered_name = name  # type: ignore[attr-defined]
            return cls

        return decorate

    def names(self) -> list[str]:
        """All registered names, sorted."""
        return sorted(self._classes)

    def get(self, identifier: Identifier) -> _T:
        """The object that an identifier stands for.

        Args:
            identifier: A name, a spec string, the config that
                `keras.saving.serialize_keras_object` makes, a registered class or an instance of
                the base, which comes back as it is.

        Raises:
            ValueError: If the name or an argument is unknown, the spec cannot be read, or the
                identifier is none of these.
        """
        found = self.resolve(identifier)
        if not isinstance(found, self.base):
            raise ValueError(
                f"Expected {_with_article(self.kind)}: one of {self.names()} or an object of the "
                f"class {self.base.__name__}. Received: {identifier!r}"
            )
        return found

    def get_or_none(self, identifier: Identifier) -> _T | None:
        """As `get`, but None for None."""
        return None if identifier is None else self.get(identifier)

    def resolve(self, identifier: Identifier) -> object:
        """As `get`, but whatever is no name, spec, config or class comes back as it is.

        Raises:
            ValueError: If a name or an argument is unknown, or a spec cannot be read.
        """
        if isinstance(identifier, str):
            specs = self._parse(identifier)
            if len(specs) != 1:
                raise ValueError(
                    f"Expected one {self.kind}, such as {self.names()[0]!r}. "
                    f"Received: {identifier!r}, which names {len(specs)}."
                )
            return self._create(*specs[0])
        if isinstance(identifier, dict):
            return keras.saving.deserialize_keras_object(identifier)
        if inspect.isclass(identifier) and identifier in self._classes.values():
            return identifier()
        return identifier

    def get_all(self, identifiers: Identifier | Iterable[Identifier] | None) -> list[_T]:
        """The objects for several identifiers: a list of them, or one string of specs.

        Raises:
            ValueError: As `get`; or if one name is there twice.
        """
        found = self._all(identifiers)
        counts = Counter(getattr(one, "name", None) for one in found)
        if any(count > 1 for name, count in counts.items() if name is not None):
            raise ValueError(f"Expected each {self.kind} once. Received: {list(counts.elements())}")
        return found

    def _all(self, identifiers: Identifier | Iterable[Identifier] | None) -> list[_T]:
        if identifiers is None:
            return []
        if isinstance(identifiers, str):
            return [self.get(self._create(*spec)) for spec in self._parse(identifiers)]
        if isinstance(identifiers, Iterable) and not isinstance(identifiers, dict):
            return [one for item in identifiers for one in self._as_list(item)]
        return self._as_list(identifiers)

    def _as_list(self, item: Identifier) -> list[_T]:
        return self._all(item) if isinstance(item, str) else [self.get(item)]

    def _create(self, name: str, arguments: dict[str, object]) -> _T:
        cls = self.lookup(name)
        known = [p for p in inspect.signature(cls).parameters if p not in ("name", "kwargs")]
        unknown = [argument for argument in arguments if argument not in [*known, "name"]]
        if unknown:
            raise ValueError(
                f"The {self.kind} {name!r} has no option {unknown[0]!r}. "
                f"Expected one of {known}. Received: {arguments}"
                f"{names.did_you_mean(unknown[0], known)}"
            )
        made = {option: self._made(value) for option, value in arguments.items()}
        try:
            return cls(**made)
        except TypeError as error:
            # A value of another type, or a required option that is missing.
            raise ValueError(
                f"Cannot make the {self.kind} {name!r} with these options: {error}. "
                f"Received: {arguments}"
            ) from error

    def _made(self, value: object) -> object:
        if not self.options or not isinstance(value, Spec):
            return value
        # An unknown name is one for the first, which says so.
        known = (options for options in self.options if value.name in options.names())
        return next(known, self.options[0])._create(*value)

    def lookup(self, name: str) -> type[_T]:
        """The class registered under a name.

        Raises:
            ValueError: If there is none; the message lists the known names.
        """
        if name not in self._classes:
            raise ValueError(names.unknown(self.kind, name, self.names()))
        return self._classes[name]

    def _parse(self, text: str) -> list[Spec]:
        return specs.read(text, self.kind, nested=bool(self.options))


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
