"""Paths of the members pages."""

from django.urls import path

from members import health, views

app_name = "members"
urlpatterns = [
    path("sante/vie", health.alive, name="alive"),
    path("sante/pret", health.ready, name="ready"),
    path("organisation/", views.switch_organisation, name="switch_organisation"),
    path("instances/", views.bodies, name="bodies"),
    path("instances/<int:pk>/composition/", views.composition, name="composition"),
    path("instances/<int:pk>/naissances/", views.births, name="births"),
    path("instances/<int:pk>/regles/", views.rule_book, name="rules"),
    path("instances/<int:pk>/importer/", views.import_mandates, name="import"),
    path("instances/<int:pk>/exporter.<str:extension>", views.export_mandates, name="export"),
]
