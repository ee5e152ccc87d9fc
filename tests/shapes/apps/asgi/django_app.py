"""A Django service in one file, under ASGI: async views, sync views, and a stream."""

import django
import probe
from calling import call, call_aside
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import include, path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="none is kept",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
django.setup()


def facts(request):
    return HttpResponse(probe.facts())


async def work(request, n):
    return HttpResponse(await call_aside(n))


async def work_of_shop(request, shop, n):
    return HttpResponse(await call_aside(n))


def work_in_a_thread(request, n):
    return HttpResponse(call(n))


async def fail(request, n):
    await call_aside(n)
    raise LookupError(n)


async def stream(request, n):
    async def parts():
        yield b"first "
        await call_aside(n)
        yield b"last"

    return StreamingHttpResponse(parts())


urlpatterns = [
    path("probe", facts),
    path("work/<int:n>", work),
    path("thread/<int:n>", work_in_a_thread),
    path("raise/<n>", fail),
    path("stream/<n>", stream),
    path("shop/<shop>/", include([path("items/<int:n>", work_of_shop)])),
]

app = get_asgi_application()
