"""The site, and a view that does nothing: what the server and Django cost by themselves."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("vide/", empty), path("", include("somme_gov.urls"))]
