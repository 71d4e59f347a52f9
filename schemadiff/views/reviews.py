"""Reviewing a comparison: marks, comments and verdicts. Each works as a form of its own and as a fragment.

Every form is sent to an address with the page's own query, so that one returns to what one saw.
"""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from schemadiff.compared import summary_of
from schemadiff.forms.reviews import ApprovalForm, CommentForm
from schemadiff.models import Comment, Comparison
from schemadiff.pages.comparison_filters import Filters
from schemadiff.pages.comparisons import discussed, panel_of, review_of
from schemadiff.pages.object_panel import ObjectPanel
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view
from schemadiff.store import reviews


@project_view(Permission.REVIEW)
@require_POST
def viewed(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Mark an object as viewed, or take the mark off; a mark on what has changed meanwhile is not taken."""
    comparison = comparison_of(request, number)
    filters = Filters.of(request.GET)
    panel = _panel(request, comparison, filters)
    if request.POST.get("viewed") == "1":
        if request.POST.get("digest") == panel.digest:
            reviews.mark_viewed(comparison, request.user, panel.key, panel.digest)
        else:
            messages.warning(request, f"{panel.label} has changed since you opened it: look at it again.")
    else:
        reviews.unmark_viewed(comparison, request.user, panel.key)
    if not request.headers.get("HX-Request"):
        return redirect(_url(comparison, filters.query()))
    context = {
        "panel": _panel(request, comparison, filters),
        "review": review_of(comparison, request.user),
        "number": number,
        "is_fragment": True,
    }
    return render(request, "schemadiff/_viewed.html", context)


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comments(request: ProjectRequest, number: int) -> HttpResponseBase:
    """What was said of an object; without htmx the page with it."""
    comparison, filters = comparison_of(request, number), Filters.of(request.GET)
    if not request.headers.get("HX-Request"):
        edited = f"&edit={request.GET['edit']}#comments" if request.GET.get("edit", "").isdecimal() else ""
        return redirect(_url(comparison, filters.query() + edited))
    return _said(request, comparison, filters)


@project_view(Permission.REVIEW)
@require_POST
def comment(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Begin a thread about an object or a row of it, or answer in one."""
    comparison, filters = comparison_of(request, number), Filters.of(request.GET)
    panel, form = _panel(request, comparison, filters), CommentForm(request.POST)
    if not form.is_valid():
        return _refused(request, comparison, filters, form)
    text, thread = form.cleaned_data["text"], form.cleaned_data["thread"]
    if thread is not None:
        reviews.answer(comparison, request.user, _first_of(comparison, thread), text)
    else:
        attribute = form.cleaned_data["attribute"]
        known = {row.anchor for row in panel.rows}
        reviews.say(
            comparison,
            request.user,
            key=panel.key,
            attribute=attribute if attribute in known else "",
            digest=panel.digest,
            text=text,
        )
    return _after(request, comparison, filters)


@project_view(Permission.REVIEW)
@require_POST
def comment_edit(request: ProjectRequest, number: int, pk: int) -> HttpResponseBase:
    """Say one's own comment in other words."""
    comparison, filters = comparison_of(request, number), Filters.of(request.GET)
    found, form = _comment(comparison, pk), CommentForm(request.POST)
    if found.author_id != request.user.pk:
        raise PermissionDenied("Only who wrote a comment may edit it.")
    if not form.is_valid():
        return _refused(request, comparison, filters, form)
    reviews.edit_comment(found, form.cleaned_data["text"])
    return _after(request, comparison, filters)


@project_view(Permission.REVIEW)
@require_POST
def thread_resolve(request: ProjectRequest, number: int, pk: int) -> HttpResponseBase:
    """A thread is done with, or open again."""
    comparison, filters = comparison_of(request, number), Filters.of(request.GET)
    is_done = request.POST.get("resolved") == "1"
    reviews.set_resolved(_first_of(comparison, pk), request.user if is_done else None)
    return _after(request, comparison, filters)


@project_view(Permission.REVIEW)
@require_POST
def approval(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Approve the comparison or request changes, with a reason; only the newest state can be spoken of."""
    comparison, form = comparison_of(request, number), ApprovalForm(request.POST)
    back = _url(comparison, f"{Filters.of(request.GET).query()}#review")
    newer = reviews.standing(comparison).newer
    if newer is not None:
        messages.error(request, f"Comparison #{newer} of the same databases is newer: review that one.")
    elif not form.is_valid():
        for text in (error for errors in form.errors.values() for error in errors):
            messages.error(request, str(text))
    else:
        summary = summary_of(comparison)
        reviews.give_approval(
            comparison,
            request.user,
            outcome=form.chosen(),
            reason=form.cleaned_data["reason"],
            digest=summary.digest,
        )
        messages.success(request, f"Recorded: {form.chosen().value}.")
    return redirect(back)


def _said(
    request: ProjectRequest, comparison: Comparison, filters: Filters, *, error: str = "", status: int = 200
) -> HttpResponse:
    """The fragment of comments, with what was written and why it was refused, if it was."""
    panel = _panel(request, comparison, filters)
    edit, thread = request.GET.get("edit", ""), request.POST.get("thread", "")
    found = discussed(comparison, panel, request.user, int(edit) if edit.isdecimal() else None)
    if error:
        answering = int(thread) if thread.isdecimal() else None
        found = replace(found, error=error, draft=request.POST.get("text", ""), answering=answering)
    review = review_of(comparison, request.user)
    context = {
        "discussion": found,
        "panel": panel,
        "review": review,
        "number": comparison.number,
        "is_fragment": True,
    }
    return render(request, "schemadiff/_comments.html", context, status=status)


def _refused(
    request: ProjectRequest, comparison: Comparison, filters: Filters, form: CommentForm
) -> HttpResponseBase:
    error = " ".join(str(one) for errors in form.errors.values() for one in errors)
    if request.headers.get("HX-Request"):
        return _said(request, comparison, filters, error=error, status=422)
    messages.error(request, error)
    return redirect(_url(comparison, f"{filters.query()}#comments"))


def _after(request: ProjectRequest, comparison: Comparison, filters: Filters) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        return _said(request, comparison, filters)
    return redirect(_url(comparison, f"{filters.query()}#comments"))


def _panel(request: ProjectRequest, comparison: Comparison, filters: Filters) -> ObjectPanel:
    panel = panel_of(comparison, filters, filters.object, request.user)
    if panel is None:
        raise Http404(filters.object)
    return panel


def _comment(comparison: Comparison, pk: int) -> Comment:
    found = reviews.comment_in(comparison, pk)
    if found is None:
        raise Http404("There is no such comment.")
    return found


def _first_of(comparison: Comparison, pk: int) -> Comment:
    found = _comment(comparison, pk)
    if found.thread_id is not None:
        raise Http404("This is an answer, not a thread.")
    return found


def _url(comparison: Comparison, query: str) -> str:
    return reverse("schemadiff:comparison", args=[comparison.project.slug, comparison.number]) + query


_ONE = "p/<slug:project>/comparisons/<int:number>/"

urlpatterns: list[URLPattern] = [
    path(f"{_ONE}viewed/", viewed, name="review_viewed"),
    path(f"{_ONE}comments/", comments, name="review_comments"),
    path(f"{_ONE}comment/", comment, name="review_comment"),
    path(f"{_ONE}comment/<int:pk>/edit/", comment_edit, name="review_comment_edit"),
    path(f"{_ONE}comment/<int:pk>/resolve/", thread_resolve, name="review_resolve"),
    path(f"{_ONE}approval/", approval, name="review_approval"),
]
