"""What holds for all unit tests."""

from hypothesis import HealthCheck, settings

# Several people and test workers share two cores: how long one example takes tells nothing about the code.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")
