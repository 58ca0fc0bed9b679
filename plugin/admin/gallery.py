"""The gallery of ready segments: by subject, with a search, each counted in this shop once it is seen."""

from __future__ import annotations

from flask import Blueprint, request

from plugin.segment.templates import SUBJECTS, TEMPLATES, matching

from .page import render

blueprint = Blueprint("gallery", __name__)


@blueprint.get("/segments/templates")
def index() -> str:
    search, subject = request.args.get("q", "").strip(), request.args.get("subject", "")
    chosen = subject if subject in SUBJECTS else ""
    return render(
        "segment_templates.html",
        groups=matching(search, chosen),
        subjects=SUBJECTS,
        total=sum(map(len, TEMPLATES.values())),
        q=search,
        chosen=chosen,
    )
