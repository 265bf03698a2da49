"""Where a line may break."""

from markupsafe import Markup

from signon.web.lines import breakable, whole


def test_a_hyphened_word_of_a_title_stays_whole():
    """And what somebody typed is escaped."""
    assert whole("Change your e-mail address?") == Markup(
        'Change your <span class="whole">e-mail</span> address?'
    )
    assert whole("Jo <b> e-filing") == Markup("Jo &lt;b&gt; ") + Markup(
        '<span class="whole">e-filing</span>'
    )
    assert whole(Markup('<i id="e-mail">x</i>')) == Markup('<i id="e-mail">x</i>')


def test_an_address_parts_before_its_domain():
    """Anything else, and what is marked up, is as it was."""
    assert breakable("jo@<x>.example") == Markup("jo<wbr>@&lt;x&gt;.example")
    assert breakable("hbishop") == "hbishop"
    assert breakable(Markup('<a href="mailto:a@b">a@b</a>')) == Markup(
        '<a href="mailto:a@b">a@b</a>'
    )
    assert breakable(12) == 12
