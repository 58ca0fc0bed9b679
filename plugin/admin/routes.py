"""The merchant's panel: one blueprint of one file per noun, behind one question, who is asking."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request
from flask import Response as FlaskResponse
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from plugin.base import logs, settings
from plugin.base.errors import BeckonError, NotFound, Refused, Unavailable

from . import (
    api_keys,
    auth,
    automations,
    billing,
    campaigns,
    checks,
    comparison,
    completing,
    contact,
    counting,
    doors,
    editing,
    gallery,
    headers,
    home,
    imports,
    insight,
    lists,
    members,
    page,
    preferences,
    privacy,
    reports,
    segment_automations,
    segments,
    sending,
    sending_limits,
    shopper_facts,
    subscribers,
    undelivered,
    versions,
)

blueprint = Blueprint("admin", __name__, template_folder="templates")
NOUNS = (
    doors,
    home,
    comparison,
    campaigns,
    sending,
    segment_automations,
    automations,
    segments,
    lists,
    gallery,
    counting,
    imports,
    editing,
    completing,
    checks,
    insight,
    members,
    versions,
    subscribers,
    reports,
    undelivered,
    preferences,
    privacy,
    billing,
    contact,
    sending_limits,
    shopper_facts,
    api_keys,
)
for noun in NOUNS:
    blueprint.register_blueprint(noun.blueprint)

blueprint.after_request(headers.add)
blueprint.teardown_request(lambda _error: logs.forget())


@blueprint.before_request
def who_is_asking() -> Response | None:
    if (request.endpoint or "").removeprefix("admin.") in doors.OPEN:
        return None
    if doors.opened_outside() and (admin := doors.inside_the_admin()):
        return redirect(admin)
    auth.identify()
    return None


@blueprint.errorhandler(auth.SignedOut)
def signed_out(error: auth.SignedOut) -> Response:
    return doors.signed_out(error)


@blueprint.errorhandler(BeckonError)
def could_not(error: BeckonError) -> Response:
    """What nobody caught nearer: a sentence on a page of its own, or as JSON for a script."""
    if isinstance(error, Refused) and not isinstance(error, auth.Forged):
        return doors.signed_out(auth.SignedOut(str(error)))
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 422)
    if page.wants_json():
        return make_response(jsonify(error=str(error)), status)
    return make_response(_sorry(str(error), status), status)


@blueprint.errorhandler(HTTPException)
def http_error(error: HTTPException) -> FlaskResponse:
    status = error.code or 500
    if page.wants_json():
        return make_response(jsonify(error=_SENTENCES.get(status, error.description)), status)
    sentence = _SENTENCES.get(status, error.description)
    return make_response(_sorry(sentence or "", status), status)


def _sorry(sentence: str, status: int) -> str:
    """In the admin's frame this page, too, begins with App Bridge."""
    framed = g.get("embedded") or request.args.get("embedded") == "1"
    return render_template(
        "sorry.html", sentence=sentence, status=status, bridge=settings.current() if framed else None
    )


@blueprint.app_errorhandler(404)
def nowhere(error: HTTPException) -> Response:
    """An address that nobody serves is in the panel's voice, too; what a route says of its own stays as it is."""
    return error.get_response() if request.endpoint else headers.add(http_error(error))


_SENTENCES = {
    404: "The address is not one of Beckon's, or what it named is no longer there.",
    405: "That address takes no such request. Nothing was changed.",
    500: "Something in Beckon broke. It is in the log; what you did may not have been saved.",
}


_STATUS: tuple[tuple[type[BeckonError], int], ...] = ((NotFound, 404), (auth.Forged, 403), (Unavailable, 503))
