"""The administration (`/administration/`), whose every act asks for a second proof: a mandate, a
weight, a rule, an address give a vote as surely as an account or a role."""

from collections.abc import Callable

from django.http import HttpResponse

from accounts import proof
from members.sites import ACT, AdministrationSite

View = Callable[..., HttpResponse]


class ProvedSite(AdministrationSite):
    """Who leaves a session open on a desk does not lend it to whoever would vote from there."""

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Each page, of whichever model is registered, guarded; one leaves without a proof. A form
        that says it `demands_proof` asks once what was sent would be written, and not before."""
        if view != self.logout:
            by_itself = getattr(view, "demands_proof", False)
            view = proof.required(getattr(view, "act", ACT), by_itself=by_itself)(view)
        return super().admin_view(view, cacheable)
