"""Paths of a sitting while it is held, under /seances/."""

from django.urls import path

from live import views

app_name = "live"

urlpatterns = [
    path("<int:pk>/direct/", views.console, name="console"),
    path("<int:pk>/direct/etat/", views.state, name="state"),
    path("<int:pk>/direct/actes/", views.act, name="act"),
    path("<int:pk>/direct/actes/<uuid:key>/", views.act_done, name="act_done"),
]
