"""Test refusals."""

from custom_components.infoscreen.model.errors import Refused


def test_a_refusal_says_which_text_tells_it_and_what_the_text_is_about() -> None:
    """Each language has its own words for it."""
    refused = Refused("group_name_taken", name="Foyer")
    assert (str(refused), refused.key, refused.placeholders) == (
        "group_name_taken",
        "group_name_taken",
        {"name": "Foyer"},
    )
