import pytest

from sanctions.matching.handles import handle_tokens, segment, unglue
from sanctions.matching.tokens import placed_tokens

NAME = tuple(placed.token for placed in placed_tokens("KADYROV, Ramzan Akhmatovich"))


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        ("@RamzanKadyrov_95", ["ramzan", "kadyrov"]),
        ("chun.sam.kim", ["chun", "sam", "kim"]),
        ("real-kadyrov2026", ["real", "kadyrov"]),
        ("12345", []),
        ("", []),
    ],
)
def test_a_handle_is_read_as_words_without_its_digits(handle: str, words: list[str]) -> None:
    tokens = [placed.token.text for placed in handle_tokens(handle)]
    assert [token for token in tokens if not token.isdigit()] == words


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("ramzankadyrov", ["ramzan", "kadyrov"]),
        ("kadyrovramzan", ["kadyrov", "ramzan"]),
        ("rkadyrov", ["r", "kadyrov"]),
        ("kadyrovr", ["kadyrov", "r"]),
        ("ramzanakhmatovichkad", ["ramzan", "akhmatovich", "kadyrov"]),
    ],
)
def test_a_glued_word_is_read_with_the_tokens_of_a_name(word: str, pieces: list[str]) -> None:
    found = unglue(word, NAME)
    assert found is not None
    assert [text for text, _, _ in found] == pieces
    assert found[0][1] == 0
    assert found[-1][2] == len(word)


@pytest.mark.parametrize("word", ["kadyrov", "xkadyrov", "kadyrova", "ramzankadyrovich", "r"])
def test_a_word_that_is_not_all_explained_stays_whole(word: str) -> None:
    assert unglue(word, NAME) is None


def test_a_glued_word_falls_into_the_longest_known_words() -> None:
    known = frozenset({"al", "muhammad", "shaykh", "ham", "mad", "had"})
    assert segment("muhammadalshaykh", known) == ("muhammad", "al", "shaykh")
    assert segment("zzzz", known) == ()
