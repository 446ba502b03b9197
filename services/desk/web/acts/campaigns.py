"""What staff decide about campaigns: two send one, and one stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.desk.client import Answer, Together
from services.desk.web.act_forms import ActForm, Looked, Values
from services.desk.web.visit import Visit
from services.notification.campaigns.calls import ShowCampaign, StartCampaign, StopCampaign
from shared.web.visit import ident

LABELS: Final = {
    "campaign_id": ("Kampanje", "Campaign"),
    "text_sha256": ("Teksten (SHA-256)", "The text (SHA-256)"),
}


def _campaign(_visit: Visit, values: Values, together: Together) -> Mapping[str, Answer[Any]]:
    return {"campaign": together.ask(ShowCampaign(campaign_id=ident(values["campaign_id"])))}


def _to_how_many(visit: Visit, looked: Looked) -> Sequence[str]:
    campaign = looked["campaign"]
    said = ("Emnet er «{subject}», og slaget er {kind}.", "The subject is “{subject}”, and it is {kind}.")
    subject = {"nb": campaign.subject_nb, "en": campaign.subject_en}
    kind = visit.code("campaign_class", campaign.letter_class)
    return [
        visit.say(*said, subject=subject[visit.language], kind=kind),
        visit.count(
            campaign.agreed,
            ("Én person har sagt ja til dette.", "{n} personer har sagt ja til dette."),
            ("One person has agreed to this.", "{n} people have agreed to this."),
        ),
    ]


def _how_far(visit: Visit, looked: Looked) -> Sequence[str]:
    campaign = looked["campaign"]
    return [
        visit.count(
            campaign.left,
            ("Én e-post er sendt.", "{n} e-poster er sendt."),
            ("One letter has left.", "{n} letters have left."),
        ),
        visit.count(
            campaign.waiting,
            ("Én e-post venter, og sendes ikke.", "{n} e-poster venter, og sendes ikke."),
            ("One letter waits, and does not leave.", "{n} letters wait, and do not leave."),
        ),
    ]


START: Final = ActForm(
    name="start-campaign",
    call=StartCampaign,
    title=("Send en kampanje", "Send a campaign"),
    says=(
        "Den går til dem som har sagt ja til slaget når hver e-post sendes, og til ingen andre.",
        "It goes to those who agree to its kind as each letter leaves, and to nobody else.",
    ),
    question=("Skal kampanjen sendes?", "Shall the campaign be sent?"),
    button=("Send den", "Send it"),
    about=("campaign_id", "text_sha256"),
    fields=(),
    then="/campaigns/{campaign_id}",
    conflict=(
        "Den kan ikke sendes nå: den er sendt før, teksten er en annen, eller registeret sier ikke at den kan.",
        "It cannot be sent now: it was sent before, the text is another, or the register does not say that it may.",
    ),
    looks=_campaign,
    foresee=_to_how_many,
    tells_approver=True,
    labels=LABELS,
)
STOP: Final = ActForm(
    name="stop-campaign",
    call=StopCampaign,
    title=("Stans en kampanje", "Stop a campaign"),
    says=(
        "Ingen flere e-poster sendes. Den kan ikke startes igjen.",
        "No more letters leave. It cannot be started again.",
    ),
    question=("Skal kampanjen stanses?", "Shall the campaign be stopped?"),
    button=("Stans den", "Stop it"),
    about=("campaign_id",),
    fields=(),
    then="/campaigns/{campaign_id}",
    conflict=("Den er allerede over.", "It is over already."),
    is_destructive=True,
    looks=_campaign,
    foresee=_how_far,
    labels=LABELS,
)
FORMS: Final = (START, STOP)
