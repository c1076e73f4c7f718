"""Paths of the members pages."""

from pathlib import PurePath

from django.urls import path

from members import about, founding_views, health, succession_views, views

app_name = "members"
_ABOUT = {
    "accessibilite/": "about/accessibility.html",
    "accessibilite/schema/": "about/scheme.html",
    "mentions-legales/": "about/legal.html",
    "donnees-personnelles/": "about/personal_data.html",
    "contact/": "about/contact.html",
    "plan-du-site/": "about/site_map.html",
}
urlpatterns = [
    *(
        path(way, about.page, {"template": template}, name=PurePath(template).stem)
        for way, template in _ABOUT.items()
    ),
    path("sante/vie", health.alive, name="alive"),
    path("sante/pret", health.ready, name="ready"),
    path("organisation/", views.switch_organisation, name="switch_organisation"),
    path("premiers-pas/collectivites/", founding_views.communities, name="communities"),
    path("instances/", views.bodies, name="bodies"),
    path("instances/<int:pk>/composition/", views.composition, name="composition"),
    path("mandats/<int:pk>/", succession_views.mandate, name="mandate"),
    path("instances/<int:pk>/regles/", views.rule_book, name="rules"),
    path("instances/<int:pk>/importer/", views.import_mandates, name="import"),
    path("instances/<int:pk>/modele.<str:extension>", views.template, name="template"),
    path("instances/<int:pk>/exporter.<str:extension>", views.export_mandates, name="export"),
]
