"""Paths of open data: the page that tells of it, tables, catalogue, OParl, sitemaps."""

from django.urls import path, re_path

from documents.models import CODE_LENGTH, CODE_LETTERS
from opendata import oparl_views, views

app_name = "opendata"
_OF = "actes/<slug:slug>/donnees"

urlpatterns = [
    path(f"{_OF}/", views.page, name="page"),
    path(f"{_OF}/deliberations-<int:year>.csv", views.deliberations, name="scdl"),
    path(f"{_OF}/catalogue.jsonld", views.catalogue, name="catalogue"),
    path("actes/<slug:slug>/sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap.xml", views.sitemaps, name="sitemaps"),
    re_path(
        rf"^actes/(?P<code>[{CODE_LETTERS}]{{{CODE_LENGTH}}})/akomantoso\.xml$",
        views.akomantoso,
        name="akomantoso",
    ),
    path("oparl/1.1/", oparl_views.system, name="oparl_system"),
    path("oparl/1.1/body/", oparl_views.bodies, name="oparl_bodies"),
    path("oparl/1.1/body/<slug:slug>/", oparl_views.body, name="oparl_body"),
    path("oparl/1.1/body/<slug:slug>/<slug:name>/", oparl_views.listed, name="oparl_list"),
    path(
        "oparl/1.1/body/<slug:slug>/<slug:kind>/<slug:key>/", oparl_views.one, name="oparl_object"
    ),
]
