"""Where a line may break."""

from markupsafe import Markup

from signon.web.lines import whole


def test_a_hyphened_word_of_a_title_stays_whole():
    """And what somebody typed is escaped."""
    assert whole("Change your e-mail address?") == Markup(
        'Change your <span class="whole">e-mail</span> address?'
    )
    assert whole("Jo <b> e-filing") == Markup("Jo &lt;b&gt; ") + Markup(
        '<span class="whole">e-filing</span>'
    )
    assert whole(Markup('<i id="e-mail">x</i>')) == Markup('<i id="e-mail">x</i>')
