"""What each reason of a problem means to programs: its `type` is the reason with hyphens.

A rule's own sentence speaks to one person about one case; these stand in the OpenAPI document.
"""

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    # ── Every call ──
    "bad_idempotency_key": "no Idempotency-Key can be such",
    "idempotency_key_reused": "the Idempotency-Key was used for another call",
    "insufficient_scope": "the token was granted no scope that opens this, or it is no person’s",
    "insufficient_user_authentication": "the sign-in behind the token is too old or proved too "
    "little; WWW-Authenticate says what is needed",
    "invalid": "`errors` names what is wrong, field by field",
    "invalid_dpop_proof": "the DPoP proof is missing, was used before or is not for this call",
    "invalid_token": "the token is not one of ours, has ended or is for something else",
    "not_found": "it does not exist, or is not the caller’s to see",
    "not_json": "the body is no JSON",
    "not_utf_8": "the body is no UTF-8",
    "token_needed": "no token came",
    "use_dpop_nonce": "the DPoP proof needs the nonce of the header DPoP-Nonce: make it anew",
    # ── Versions ──
    "changed_meanwhile": "it was changed since it was read: read it again",
    "decided_meanwhile": "somebody else has decided or changed the registration first",
    # ── Whoever acts, and whom it is about ──
    "account_not_individual": "the account is not one person’s",
    "account_not_upgraded": "the account is a legacy one and has to be upgraded first",
    "administrator_needed": "this takes a person who administers the firm, and a program called",
    "firm_closed": "the firm’s account is closed",
    "firm_not_upgraded": "the firm’s account is a legacy one and has to be upgraded first",
    "frozen": "changes to the account of whoever acts, or whom it is about, are stopped because "
    "one was disowned",
    "not_permitted": "whoever calls has no role at the court that may do this",
    "own_account": "it is about the caller’s own account, or that of whoever asked for it",
    "own_registration": "it is the caller’s own registration, or that of whoever asked for it",
    # ── One's own account ──
    "already_member": "the account is a member of the firm already",
    "client_code_of_firm": "the firm sets the rule for client codes",
    "invitation_over": "the invitation was answered or withdrawn already",
    "last_factor": "the account must have a second factor, and this is its last",
    "leaves_another_firm": "accepting leaves the firm that the member `leaves` of the problem names",
    "no_member": "the account is in no firm",
    "not_for_this_account": "this kind of account cannot accept such an invitation",
    "nothing_to_undo": "no filing login is linked at the court",
    "right_suspended": "the court has suspended the right, so its link stays",
    "search_stays_off": "somebody switched the search off with a reason of their own",
    "undo_too_late": "the link is older than a day",
    # ── Filing agents ──
    "already_named": "the caller has named this person at the court already",
    "bounds_changed": "the bounds were changed since they were read",
    "court_has_no_agents": "the court has no filing agents",
    "no_principal": "whoever is to be filed for has no right in force there, or of a role for which "
    "nobody else may file",
    "not_accepted": "it was not accepted: decline it",
    "offer_over": "it was answered, withdrawn, or not answered in time",
    "pair_over": "it has ended already",
    "permission_not_held": "whoever is to be filed for may not file that themselves",
    "too_many_agents": "the caller has named as many as in a day may be",
    # ── Firms ──
    "already_invited": "an invitation of the same waits already",
    "bulk_refused": "a line cannot be done, so none was; `lines` says why, line by line",
    "code_taken": "the firm has a cost center of this code",
    "cost_center_in_use": "members are in the cost center",
    "disabled": "the program was ended, or the client is disabled, already",
    "firm": "the firm’s account is closed",
    "is_administrator": "the firm’s own sign-in is an administrator already",
    "just_sent": "it was sent less than five minutes ago",
    "nobody_waits": "nobody is left who has not answered, or everybody was mailed within five minutes",
    "last_administrator": "nobody who can sign in would be left to administer it",
    "no_secret": "the program signs with keys and has no secret",
    "too_many": "the firm has as many of them as it may",
    "too_many_invitations": "the firm has sent all the invitations of this day",
    # ── Courts ──
    "already_has_rights": "the applicant has filing rights at the court",
    "already_recorded": "this very certificate is recorded",
    "already_suspended": "the court has suspended the right already",
    "applicant_not_active": "the applicant’s account is closed or on hold",
    "asker_may_not": "whoever asked for it may no more do it",
    "certificate_missing": "a role that is new needs a certificate that is not there",
    "certificate_withdrawn": "the certificate was withdrawn already",
    "changed_since_asked": "what the request would replace was changed since",
    "court_not_live": "the court is not live yet",
    "login_disabled": "the court has disabled the login",
    "login_locked": "the court has locked the login",
    "login_taken": "the login is linked to an account",
    "more_than_held": "the role can do more than the caller’s own",
    "not_fit_for_staff": "staff need an upgraded individual account that can sign in",
    "not_suspended": "nothing that staff can end suspends the right",
    "not_waiting_for_review": "the right does not wait for a look at its link",
    "own_request": "whoever asked cannot be the one who confirms",
    "registration_closed": "the court takes no registrations",
    "request_over": "the request was confirmed, withdrawn or has expired",
    "rights_would_shrink": "filers would lose rights; send the problem’s `confirm` to agree",
    "send_the_file": "an import is confirmed by sending the same file once more",
    "too_many_requests": "the calls of this minute, or the requests that may wait for a second "
    "member, are used up",
    "too_many_weak_hashes": "more of the passwords than can be done at once need slow work",
    # ── Clients, for operators ──
    "scope": "a client of this kind may not hold one of the scopes",
    # ── Accounts, for operators ──
    "enabled": "the client is not disabled",
    "already_disabled": "the account is closed already",
    "does_not_search": "this kind of account never searches",
    "no_factor": "the account has no second factor",
    "no_reset": "no second factors wait for their removal",
    "no_such_change": "no such change of the holder’s can be taken back",
    "not_active": "the account is closed or on hold",
    "not_frozen": "changes to the account are not stopped",
    "not_held": "the account is not on review hold",
    "not_recoverable": "the account is closed, on hold or frozen",
    "reset_pending": "the second factors wait for their removal already",
    "search_unchanged": "the search is in that state already",
}
