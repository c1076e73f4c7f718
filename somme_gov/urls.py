"""The front door: who serves which path."""

from django.contrib import admin
from django.urls import include, path

from documents.urls import style
from meetings.urls import recurring
from meetings.views.lists import home

handler500 = "members.front.failed"
urlpatterns = [
    # First: each screen of a sitting asks there each second, and to try the paths of every other
    # room before costs as much as the answer.
    path("seances/", include("live.urls")),
    path("", home, name="home"),
    path("aide/", include("guides.urls")),
    path("visite/", include("demo.urls")),
    path("", include("members.urls")),
    path("", include("accounts.urls")),
    path("seances/", include("meetings.urls")),
    path("instances/<int:pk>/points-recurrents/", include(recurring)),
    path("instances/<int:pk>/papiers/", include(style)),
    path("documents/", include("documents.urls")),
    path("", include("registry.urls")),
    path("", include("convening.urls")),
    path("", include("opendata.urls")),
    path("", include("transmission.urls")),
    path("", include("archive.urls")),
    path("administration/", admin.site.urls),
]
