"""Paths of what is kept, found and published: search, verification, archives, public pages."""

from django.urls import path, re_path

from archive import public_views, publication_views, task_views, views
from documents.models import CODE_LENGTH, CODE_LETTERS

app_name = "archive"

# A code is in capitals, the slug of an organisation in small letters.
_CODE = rf"^actes/(?P<code>[{CODE_LETTERS}]{{{CODE_LENGTH}}})/"

urlpatterns = [
    path("recherche/", views.find, name="search"),
    path("seances/<int:pk>/conserver/", views.keep, name="keep"),
    path("seances/<int:pk>/conserver/tout/", views.keep_whole, name="keep_whole"),
    path("seances/<int:pk>/publication/", publication_views.sitting, name="publish_sitting"),
    path("verifier/", views.verify, name="verify"),
    path("documents/<int:pk>/publication/", publication_views.publication, name="publication"),
    path("documents/<int:pk>/publication/retirer/", publication_views.withdraw, name="withdraw"),
    path("a-faire/", task_views.to_do, name="to_do"),
    path("a-faire/premieres/", task_views.first_tasks, name="first_tasks"),
    path("a-faire/calendrier/", task_views.make_feed, name="make_task_feed"),
    path("a-faire/calendrier/retirer/", task_views.drop_feed, name="drop_task_feed"),
    path("echeances/<str:token>.ics", task_views.calendar, name="task_calendar"),
    path("actes/", public_views.index, name="public"),
    re_path(f"{_CODE}$", public_views.document, name="public_document"),
    re_path(f"{_CODE}fichier/$", public_views.download, name="public_file"),
    path("actes/<slug:slug>/", public_views.of_organisation, name="public_organisation"),
    path("actes/<slug:slug>/flux.atom", public_views.feed, name="public_feed"),
    path("v/", public_views.typed_code, name="typed_code"),
    path("v/<str:code>/", public_views.code, name="code"),
    path("robots.txt", public_views.robots, name="robots"),
]
