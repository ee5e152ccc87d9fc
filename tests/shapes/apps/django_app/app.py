"""A Django service in one file, under WSGI (`application`), ASGI (`asgi`) and its own server (`python app.py`)."""

import os
import sys
import urllib.request

import probe
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import include, path, re_path

settings.configure(
    DEBUG="DEBUG" in os.environ, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="of a shape"
)


def work(request, number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return HttpResponse(answer.read())


async def work_async(request, number):
    return work(request, number)


def raises(request, number):
    work(request, number)
    raise RuntimeError(f"cannot do {number}")


def stream(request, number):
    return StreamingHttpResponse([work(request, number).content, b"the end"])


def missing(request, number):
    work(request, number)
    raise Http404


def facts(request):
    return HttpResponse(probe.facts())


urlpatterns = [
    path("work/<int:number>", work),
    path("async/<int:number>", work_async),
    path("raises/<int:number>", raises),
    path("stream/<int:number>", stream),
    path("missing/<int:number>", missing),
    path("below/", include([re_path(r"^(?P<number>\d+)$", work)])),
    path("probe", facts),
]

if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "runserver", *sys.argv[1:]])
else:
    application = get_wsgi_application()
    asgi = get_asgi_application()
