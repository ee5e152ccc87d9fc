"""What does the platform that runs a container call the service, as far as its environment tells?

Kubernetes gives a container nothing but its pod's name; the controller's is what is left of it without what the
controller added (semantic conventions, "Specifying resource attributes using Kubernetes annotations"). Docker
Compose and Swarm keep project and service in labels, which no process in the container can read.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Where people put the names by the downward API, the surest first: by convention, since Kubernetes has no names.
_WORKLOADS = (
    "K8S_DEPLOYMENT_NAME",
    "K8S_STATEFULSET_NAME",
    "K8S_DAEMONSET_NAME",
    "K8S_CRONJOB_NAME",
)
_PODS = ("K8S_POD_NAME", "KUBERNETES_POD_NAME", "POD_NAME", "MY_POD_NAME")
# Platforms that set a service's name themselves, and a tracer that was here before us.
_PLATFORMS = (
    "K_SERVICE",  # Knative, Google Cloud Run
    "CONTAINER_APP_NAME",  # Azure Container Apps
    "NOMAD_TASK_NAME",
    "HEROKU_APP_NAME",
    "FLY_APP_NAME",
    "DD_SERVICE",
)
# What Kubernetes makes random suffixes of (apimachinery, util/rand): without vowels, they never are a word.
_RANDOM = frozenset("bcdfghjklmnpqrstvwxz2456789")
_HOSTS = "/etc/hosts"


def find(environ: Mapping[str, str], *, hosts: str = _HOSTS) -> str | None:
    """Return the name, or None where the environment has none.

    `hosts` is the container's hosts file. It tells whether the pod shares its node's network, and so its name.
    """
    for variable in (*_WORKLOADS, *_PLATFORMS):
        name = environ.get(variable, "").strip()
        if name:
            return name
    for variable in _PODS:
        name = environ.get(variable, "").strip()
        if name:
            return workload(name) or name
    if "KUBERNETES_SERVICE_HOST" in environ and not _on_its_nodes_network(hosts):
        return workload(environ.get("HOSTNAME", "").strip())
    return None


def workload(pod: str) -> str | None:
    """Return the name of the controller that made a pod, or None where the pod's name has none's shape.

    shop-7d9f8b6c5d-x2x7k of a Deployment, shop-28391040-9qk4l of a CronJob, shop-x2x7k of a DaemonSet or Job and
    shop-0 of a StatefulSet are all "shop".
    """
    name, _, last = pod.rpartition("-")
    if not name:
        return None
    if last.isascii() and last.isdigit() and len(last) <= 4:
        return name
    if len(last) != 5 or not _RANDOM.issuperset(last):
        return None
    above, _, middle = name.rpartition("-")
    template_hash = 8 <= len(middle) <= 10 and _RANDOM.issuperset(middle)
    minutes = len(middle) >= 8 and middle.isascii() and middle.isdigit()
    return above if above and (template_hash or minutes) else name


def _on_its_nodes_network(hosts: str) -> bool:
    try:
        with open(hosts, encoding="utf-8", errors="replace") as file:
            return "host network" in file.readline()
    except OSError:
        return False
