"""Did every span arrive? A side that loses some is cheap for the wrong reason."""

from buildkit.values.errors import CommandFailed
from tests.bench.sides import SIDES


def check_arrived(backend, sent, before):
    """Compare what the sides in `sent` have made since `before` with what came, once all of it has come.

    Raises:
        CommandFailed: Spans are missing, or there are more of them than there should be.
    """
    for side in (side for side in SIDES if side.name in sent):
        expected = sent[side.name] if side.spans else 0
        arrived = backend.spans(side.name, at_least=before[side.name] + expected) - before[side.name]
        if arrived != expected:
            raise CommandFailed(
                f"{side.name} made {expected} spans and {arrived} arrived", hint="its figures mean nothing"
            )
