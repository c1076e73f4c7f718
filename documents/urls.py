from django.urls import path

from documents import views

app_name = "documents"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/telecharger/", views.download, name="download"),
    path("seances/<int:pk>/", views.preview, name="preview"),
    path("seances/<int:pk>/feuille/", views.sheet, name="sheet"),
    path("seances/<int:pk>/projet.pdf", views.preview_pdf, name="preview_pdf"),
    path("seances/<int:pk>/etablir/", views.issue, name="issue"),
]
