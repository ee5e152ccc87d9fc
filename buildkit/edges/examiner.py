"""How are services looked at one by one, several at the same time, and how does all of it end at once?"""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from buildkit.decisions import single
from buildkit.edges import progress
from buildkit.edges.engine import told
from buildkit.edges.examination import Examination
from buildkit.edges.sandbox import Sandbox
from buildkit.values.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.edges.engine import Engine
    from buildkit.edges.progress import Step
    from buildkit.values.service import Evidence, ServiceImage
    from buildkit.values.service_probe import ServiceProbe


class Examiner:
    """Runs each service in a sandbox of its own, and asks it; threads may share it.

    Args:
        engine: runs them.
        company: in the base's labels, and in those of what we make.
        bases: the base images whose layers are known; without the right one, labels and files are believed.
    """

    def __init__(self, engine: Engine, *, company: str, bases: Sequence[ServiceImage] = ()) -> None:
        self._engine = engine
        self._company = company
        self._bases = bases
        self._lock = threading.Lock()
        self._live: set[Sandbox] = set()
        self._aborted = False

    def examine(
        self, image: ServiceImage, *, probe: ServiceProbe, step: Step = progress.silently
    ) -> Evidence:
        """All that is to be seen of one service.

        Raises:
            CommandFailed: the engine refuses something or is gone, or `abort` was called.
        """
        role = single.role(image, asked=probe)
        script = single.script(random.SystemRandom(), service=role.name, asked=probe)
        sandbox = Sandbox(self._engine, company=self._company, relay_image=image.name)
        try:
            with sandbox:
                self._begin(sandbox)
                examination = Examination(sandbox, roles=(role,), script=script, step=step)
                (evidence,) = examination.run(bases=self._bases, company=self._company)
        except APIError as error:
            self._check()
            raise told(error, what=f"verifying {image.name}") from None
        except (DockerException, RequestException) as error:
            raise CommandFailed(
                f"verifying {image.name} failed: {error}", hint="is the Docker Engine still there?"
            ) from None
        finally:
            with self._lock:
                self._live.discard(sandbox)
        self._check()
        return evidence

    def abort(self) -> None:
        """Let all that is under way end now; what it has found so far is no evidence."""
        with self._lock:
            self._aborted = True
            for sandbox in self._live:
                sandbox.abort()

    def _begin(self, sandbox: Sandbox) -> None:
        self._check()
        with self._lock:
            self._live.add(sandbox)

    def _check(self) -> None:
        if self._aborted:
            raise CommandFailed("interrupted", hint="start it again")
