"""Questions of delegates to the secretariat, and its replies."""

from datetime import datetime

from django.db import transaction

from convening import answers, notices
from convening.models import Question
from law import findings
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import Mandate, User

# A link that was passed on must not flood the secretariat, nor those whom an answer mails.
QUESTIONS_PER_PERSON = 20  # for one sitting


@transaction.atomic
def ask(
    meeting: Meeting, *, mandate: Mandate, text: str, at: datetime, is_of_agenda: bool = False
) -> Question:
    """A question to the secretariat; from who presides, and settles the agenda (art. L2121-10), it
    may be what to change of it. The same put twice in a row is one."""
    ledger.lock(meeting)
    meeting.refresh_from_db(fields=["stage", "held_on"])
    answers.refuse_if_over(meeting, at)
    text = text.strip()
    limit = Question._meta.get_field("text").max_length or 0
    asked = list(meeting.questions.filter(mandate__person=mandate.person_id))
    if not text:
        raise findings.refusal("question_vide", "Écrivez la question.", field="text")
    if len(text) > limit:
        raise findings.refusal(
            "question_longue",
            f"La question compte {len(text)} signes, {limit} au plus.",
            field="text",
        )
    is_of_agenda = is_of_agenda and answers.standing(meeting).presides(mandate)
    last = asked[-1] if asked else None
    if last and (last.text, last.is_of_agenda, last.reply) == (text, is_of_agenda, ""):
        return last
    if len(asked) >= QUESTIONS_PER_PERSON:
        raise findings.refusal(
            "questions_trop_nombreuses",
            f"Vous avez déjà posé {QUESTIONS_PER_PERSON} questions.",
            remedy="Appelez le secrétariat.",
            field="text",
        )
    question = Question.objects.create(
        meeting=meeting,
        mandate=mandate,
        text=text,
        is_of_agenda=is_of_agenda,
        asked_at=at,
    )
    ledger.touch(meeting)
    return question


@transaction.atomic
def reply(question: Question, *, text: str, by: User, at: datetime) -> Question:
    """Answer a question; the delegate gets it by mail and on his page. May be corrected."""
    question = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
    text = text.strip()
    if not text:
        raise findings.refusal("reponse_vide", "Écrivez la réponse.", field="text")
    if text == question.reply:
        return question
    question.reply, question.replied_at = text, at
    question.save(update_fields=["reply", "replied_at"])
    ledger.touch(question.meeting)
    notices.write(
        question.meeting,
        to=question.mandate,
        reason=f"question-{question.pk}-{at:%Y%m%d%H%M%S%f}",
        about="réponse à votre question",
        text=f"Vous demandiez :\n\n{question.text}\n\nLe secrétariat vous répond :\n\n{text}",
        by=by,
        at=at,
    )
    return question
