"""When text that has not ended is a question."""

from reverb_tui.session.question import TRICKLE, Question


def test_a_rest_that_goes_on_coming_is_a_question_after_a_while() -> None:
    question = Question()
    for instant in (0.0, TRICKLE / 2, TRICKLE):
        question.heard(instant, lines=False, rest=True)
        assert not question.standing
    question.heard(TRICKLE * 1.1, lines=False, rest=True)
    assert question.standing


def test_whole_lines_before_a_rest_begin_its_time_again() -> None:
    question = Question()
    question.heard(0.0, lines=False, rest=True)
    question.heard(TRICKLE * 2, lines=True, rest=True)
    assert not question.standing
    question.heard(TRICKLE * 2.5, lines=False, rest=True)
    assert not question.standing


def test_text_that_ends_is_none() -> None:
    question = Question()
    question.heard(0.0, lines=False, rest=True)
    question.standing = True
    question.heard(1.0, lines=True, rest=False)
    assert not question.standing


def test_a_connection_that_ends_asks_nothing_any_more() -> None:
    question = Question()
    question.standing, question.logged = True, b"login: "
    question.forget()
    assert (question.standing, question.logged) == (False, b"")
