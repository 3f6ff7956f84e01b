"""How a data-source call fails, said for the person who wrote it."""


class InvokeError(ValueError):
    """A data source can't be answered."""


class UnknownInvoke(InvokeError):
    """The stand-in clouds don't know the data source."""


class WrongArguments(InvokeError):
    """A data source was called with arguments that the provider refuses, or that match nothing."""
