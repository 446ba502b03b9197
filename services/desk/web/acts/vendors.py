"""What staff do about work towards vendors that failed."""

from __future__ import annotations

from typing import Final

from services.billing_sync.worker.calls import Retry
from services.desk.web.act_forms import ActForm

RETRY_JOB: Final = ActForm(
    name="retry-job",
    call=Retry,
    title=("Prøv arbeidet mot Tripletex på nytt", "Retry work towards Tripletex"),
    says=("Feilen er rettet.", "The fault has been put right."),
    question=("Skal det prøves på nytt nå?", "Shall it be tried again now?"),
    button=("Prøv på nytt", "Retry"),
    about=("job_id",),
    fields=(),
    then="/vendor-work",
)
FORMS: Final = (RETRY_JOB,)
