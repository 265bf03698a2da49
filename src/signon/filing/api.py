"""The REST scope `court`, `/api/v1/courts/{court}/…`: a line here for each part."""

from signon.filing.agents.api import of_court as agents
from signon.filing.agents.api import own as own_agents
from signon.filing.certificates import api as certificates
from signon.filing.confirming import api as confirming
from signon.filing.court.api import activity, client_invitations, policy, record, staff
from signon.filing.cutover import api as cutover
from signon.filing.cutover.waves import api as waves
from signon.filing.filers import api as filers
from signon.filing.legacy_logins import api as legacy_logins
from signon.filing.linking import api as linking
from signon.filing.registrations.api import of_court as registrations
from signon.filing.registrations.api import own as own_registrations

COURT_OPERATIONS = (
    registrations.operations,
    filers.operations,
    legacy_logins.operations,
    linking.operations,
    cutover.operations,
    waves.operations,
    certificates.operations,
    staff.operations,
    client_invitations.operations,
    policy.operations,
    confirming.operations,
    activity.operations,
    record.operations,
    agents.operations,
    own_agents.operations,
    own_registrations.operations,
)
"""Every part of it."""
