import pytest

from sanctions.matching.normalise import split_words
from sanctions.matching.tokens import Token, placed_tokens


def _tokens(text: str) -> list[Token]:
    return [placed.token for placed in placed_tokens(text)]


@pytest.mark.parametrize(
    "spellings",
    [
        "Kadyrov Kadirov Qadyrov Kadyrow Каdыров Кадыров قديروف",
        "Muhammad Mohamed Mohammad محمد",
        "Mikhail Michail Mihail Михаил",
        "Sergeevich Sergejevitj Sergeyevich Сергеевич",
        "Hussein Husayn Hossein حسين",
        "Yevgeny Evgenij Yevgeniy Евгений",
        "رمضان Ramadan Ramazan",
        "Joseph Jozef جوزيف",
        "Jong Chong 정",
        "Suhail Suheil سهيل",
    ],
)
def test_spellings_of_one_name_share_a_key(spellings: str) -> None:
    tokens = _tokens(spellings)
    first = set(tokens[0].keys)
    assert len(tokens) == len(spellings.split())
    assert [token.text for token in tokens if first.isdisjoint(token.keys)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("'Abd al-Rahman", "Abdelrahman"),
        ("Abdul Rahman", "Abdurrahman"),
        ("Saif al-Din", "Seifaddin"),
        ("عبد الرحمن", "عبدالرحمن"),
    ],
)
def test_compound_names_are_one_token_however_they_are_written(one: str, other: str) -> None:
    (first,), (second,) = _tokens(one), _tokens(other)
    assert set(first.keys) & set(second.keys)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("𝐑𝐚𝐦𝐳𝐚𝐧", "ramzan"),
        ("Ｒａｍｚａｎ", "ramzan"),
        ("Ra\u200bm\u2060zan", "ramzan"),
        ("R4mz4n", "ramzan"),
        ("Rаmzаn", "ramzan"),  # Cyrillic а
        ("Šešelj", "sheshelj"),
        ("Ba'asyir", "baasyir"),
        ("김정은", "kim chong un"),
        ("Щербаков", "shcherbakov"),
        ("Kadyrov95", "kadyrov"),
    ],
)
def test_words_are_folded_to_latin_letters(written: str, read: str) -> None:
    assert " ".join(token.text for token in _tokens(written)) == read


def test_a_word_of_look_alikes_is_latin_beside_a_mixed_one() -> None:
    assert [token.text for token in _tokens("Аlехаndеr Ваs")] == ["alexander", "bas"]


def test_a_latin_letter_in_a_cyrillic_word_is_read_as_cyrillic() -> None:
    assert [token.text for token in _tokens("Алексей Haумец")] == ["aleksey", "naumets"]


def test_words_keep_their_place_in_the_text_as_given() -> None:
    text = "🔥 Ра\u200bмзан\ufe0f «Кадыров» 🔥"
    words = split_words(text)
    assert [text[word.start : word.end] for word in words] == ["Ра\u200bмзан", "Кадыров"]
