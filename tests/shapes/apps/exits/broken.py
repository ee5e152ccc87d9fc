"""A service that cannot be imported."""

from calling import call

call(0)
raise LookupError("this service has lost something")
