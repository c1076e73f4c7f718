"""Paths of a sitting while it is held, under /seances/."""

from django.urls import path

from live import screen_views, views

app_name = "live"

_SCREENS = "<int:pk>/equipement/ecrans"
_TABLETS = "<int:pk>/equipement/tablettes"

urlpatterns = [
    path("<int:pk>/direct/", views.console, name="console"),
    path("<int:pk>/direct/etat/", views.state, name="state"),
    path("<int:pk>/direct/actes/", views.act, name="act"),
    path("<int:pk>/direct/actes/<uuid:key>/", views.act_done, name="act_done"),
    path("<int:pk>/ecran/<str:token>/", screen_views.screen, name="screen"),
    path("<int:pk>/ecran/<str:token>/etat/", screen_views.screen_state, name="screen_state"),
    path("<int:pk>/public/", screen_views.public, name="public"),
    path("<int:pk>/public/etat/", screen_views.public_state, name="public_state"),
    path("tablette/<str:token>/", screen_views.open_tablet, name="open_tablet"),
    path("<int:pk>/tablette/", screen_views.tablet, name="tablet"),
    path("<int:pk>/tablette/etat/", screen_views.tablet_state, name="tablet_state"),
    path("<int:pk>/tablette/arrivee/", screen_views.check_in, name="check_in"),
    path("<int:pk>/tablette/vote/", screen_views.cast, name="cast"),
    path("<int:pk>/tablette/urne/", screen_views.drop, name="drop"),
    path("<int:pk>/equipement/", screen_views.equipment, name="equipment"),
    path(f"{_SCREENS}/", screen_views.make_screen, name="make_screen"),
    path(f"{_SCREENS}/<int:screen_pk>/revoquer/", screen_views.revoke_screen, name="revoke_screen"),
    path(f"{_TABLETS}/", screen_views.make_tablets, name="make_tablets"),
    path(f"{_TABLETS}/<int:mandate_pk>/", screen_views.make_tablet, name="make_tablet"),
    path(f"{_TABLETS}/<int:tablet_pk>/revoquer/", screen_views.revoke_tablet, name="revoke_tablet"),
]
