"""Paths of open data: the page that tells of it, tables, catalogue, OParl, sitemaps."""

from django.urls import path, re_path

from documents.models import CODE_LENGTH, CODE_LETTERS
from opendata import oparl_views, views
from opendata.api import views as api

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
    path("donnees/cles/", api.api_keys, name="api_keys"),
    path("donnees/cles/<int:pk>/revoquer/", api.revoke_key, name="revoke_api_key"),
    path("api/v1/openapi.json", api.openapi, name="api"),
    path("api/v1/organisation", api.organisation, name="api_organisation"),
    path("api/v1/seances", api.sittings, name="api_sittings"),
    path("api/v1/seances/<int:pk>", api.sitting, name="api_sitting"),
    path("api/v1/actes", api.acts, name="api_acts"),
    path("api/v1/actes/<int:pk>", api.act, name="api_act"),
    path("api/v1/documents/<int:pk>/fichier", api.file, name="api_file"),
    path("api/v1/<path:rest>", api.unknown, name="api_unknown"),
    path("oparl/1.1/", oparl_views.system, name="oparl_system"),
    path("oparl/1.1/body/", oparl_views.bodies, name="oparl_bodies"),
    path("oparl/1.1/body/<slug:slug>/", oparl_views.body, name="oparl_body"),
    path("oparl/1.1/body/<slug:slug>/<slug:name>/", oparl_views.listed, name="oparl_list"),
    path(
        "oparl/1.1/body/<slug:slug>/<slug:kind>/<slug:key>/", oparl_views.one, name="oparl_object"
    ),
]
