"""A service's own: says on stdout that it ran, and leaves a mark."""

import sys

sys.own_sitecustomize = True
print("the service's own sitecustomize")
