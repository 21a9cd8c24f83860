import json

from hypothesis import given
from hypothesis import strategies as st

from sanctions.formats.entries import Feature, Identifier, ListedName, ListEntry
from sanctions.formats.ofac_remarks import SEPARATOR, read_csv_remarks, split_clauses
from sanctions.formats.ofac_terms import FEATURE_LABELS, IDENTIFIER_LABELS, EntryDraft

any_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=300)
prefixes = st.sampled_from(
    ["DOB ", "alt. DOB ", "POB ", "nationality ", "alt. citizen ", "Linked To: ", "Gender "]
    + ["a.k.a. '", "f.k.a. '", "Website ", "Email Address ", "Digital Currency Address - XBT "]
    + [f"{label} " for label in (*FEATURE_LABELS, *IDENTIFIER_LABELS)]
)
values = st.text(st.sampled_from("aB1 2,.'()/-é—٣"), max_size=25)
clauses = st.builds("".join, st.tuples(prefixes, values, st.sampled_from(["", "'", " (Iran)"])))
remarks = st.one_of(any_text, st.lists(clauses, max_size=8).map(SEPARATOR.join))


def read(text: str, *, title: str = "") -> ListEntry:
    draft = EntryDraft("1", "person", "DOE, John", [], title=title)
    read_csv_remarks(draft, text)
    return draft.entry()


def strings_in(data: object) -> str:
    return json.dumps(data, ensure_ascii=False)


@given(remarks)
def test_splitting_can_be_undone(text: str) -> None:
    assert SEPARATOR.join(split_clauses(text)) == text


@given(remarks, st.sampled_from(["", "Minister", "Minister; Member of Parliament"]))
def test_it_never_raises_and_loses_no_word(text: str, title: str) -> None:
    """Every word that is no label must be found in the entry again."""
    found = strings_in(read(text, title=title).canonical())

    labels = {word for label in (*FEATURE_LABELS, *IDENTIFIER_LABELS) for word in label.split()}
    labels |= {"DOB", "POB", "nationality", "citizen", "Linked", "To:", "Gender", "Website"}
    labels |= {"Email", "Address", "Digital", "Currency", "-", "alt.", "a.k.a.", "f.k.a.", "n.k.a."}
    for word in text.split():
        bare = word.strip(";.'()")
        if bare and word not in labels and word.rstrip(";.") not in labels:
            escaped = json.dumps(bare, ensure_ascii=False)[1:-1]
            assert escaped in found or bare in ("issued", "expires"), word


@given(remarks)
def test_what_it_reads_survives_being_stored(text: str) -> None:
    entry = read(text)

    assert ListEntry.from_canonical(entry.canonical()).content_hash() == entry.content_hash()


def test_it_reads_each_kind_of_fact() -> None:
    entry = read(
        "DOB 12 Jan 1970; alt. DOB circa 1971; POB Moscow, Russia; nationality Korea, North; "
        "citizen Russia; alt. citizen Mali; Website www.example.com; Email Address a@example.com; "
        "Gender Male; Digital Currency Address - XBT 1abc; Secondary sanctions risk: section 1(b); "
        "Passport D00005931 (Central African Republic) issued 04 Jun 2018 expires 03 Jun 2023; "
        "Linked To: SOMEBODY; ICTY indictee."
    )

    assert entry.dates_of_birth == ("12 Jan 1970", "circa 1971")
    assert entry.nationalities == ("Korea, North",)
    assert entry.citizenships == ("Russia", "Mali")
    assert entry.features == (Feature("Secondary sanctions risk", "section 1(b)"),)
    assert entry.identifiers == (
        Identifier(
            "Passport", "D00005931", "Central African Republic", "04 Jun 2018", "03 Jun 2023"
        ),
    )
    assert entry.linked_to == ("SOMEBODY",)
    assert entry.remarks == ("ICTY indictee",)


def test_a_name_in_quotes_may_hold_the_separator() -> None:
    entry = read("a.k.a. 'ONE; TWO'; a.k.a. 'AL-SA'DI'.")

    assert [name.text for name in entry.names if name.role == "alias"] == ["ONE; TWO", "AL-SA'DI"]


def test_a_quote_left_open_swallows_no_other_alias() -> None:
    entry = read("a.k.a. 'OPEN; a.k.a. 'CLOSED'.")

    assert ListedName("CLOSED", quality="weak", type="aka") in entry.names
    assert entry.remarks == ("a.k.a. 'OPEN",)


def test_brackets_may_hold_the_separator() -> None:
    text = "(Alt. DOB: 10 October 1969; nationality: Eritrean); Gender Male."

    assert read(text).remarks == ("(Alt. DOB: 10 October 1969; nationality: Eritrean)",)


def test_a_sentence_that_begins_like_a_document_stays_a_remark() -> None:
    assert read("Passport holder of two countries.").remarks == (
        "Passport holder of two countries",
    )


def test_the_title_is_not_repeated_as_a_remark() -> None:
    entry = read(
        "DOB 1964; Minister; Member of Parliament; Kurdish.", title="Minister; Member of Parliament"
    )

    assert entry.remarks == ("Kurdish",)
