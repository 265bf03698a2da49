"""Text that somebody types and others read: words, and nothing that leads elsewhere.

Programs that show mail turn what looks like an address into a link, so a name such as
"Pay at https://…" would be a stranger's link under our own sender. Domains are told from
abbreviations by what stands behind the dot: `evil.com` is one, `Jones.Day`, `P.C.` and
`St. John` are none.
"""

import re
import unicodedata

from signon.words.sentences import _

MARKS = _("has characters that cannot be seen")
ADDRESS = _(
    "looks like it holds an internet or e-mail address: leave that out, and write a space after "
    "each full stop"
)

_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""What has no shape of its own beside Unicode's category C: fillers, joiners, variants."""
_FOREIGN = "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0455\u043c\u0442\u03bf"
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2027\u2219\u22c5\u2022\u30fb\u3002\u06d4\u0701\u0702\ua4f8\u00b7", "."),
        **dict.fromkeys("\u2044\u2215\u29f8\u3033\u2571\u29f6", "/"),
        **dict.fromkeys("\u2236\ua789\u02d0\u05c3\u0589", ":"),
        **dict(zip(_FOREIGN, "aceopxyismto", strict=True)),
    }
)
"""Dots, slashes, colons and letters of other alphabets that look like ours."""
_GENERIC = (
    "info biz gov edu mil int arpa onion name pro mobi app dev web page site website online "
    "store shop cloud tech digital link click live life club top xyz icu vip win bid loan men "
    "work works today world news blog email chat zone space fun help support center agency "
    "company services solutions systems network finance money pay cash bank credit law legal "
    "lawyer attorney москва рф"
)
_COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs "
    "bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee "
    "eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm "
    "hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb "
    "lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz "
    "na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs "
    "ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl "
    "tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_SUFFIXES = f"{_GENERIC} {_COUNTRIES}".translate(_ALIKE).split()
_DOT = r"[(\[{]?\.[)\]}]?"
_SIGNS = set(".:@")
"""No address in ASCII is without one; most names are, and files of them are long."""
_FOUND = re.compile(
    "|".join(
        (
            # a scheme, with or without the slashes of those that have them
            r":\s*//?|\b(?:h[tx]{2}ps?|mailto|ftp|tel|sms|data|javascript)\s*:",
            rf"\bwww\d*\s*{_DOT}",
            r"\S@\S",
            rf"\w{_DOT}(?:com|net|org)\b",
            # an initial before others is rather a name ("J.Li"), but for two that shorten links
            rf"[\w-]\w{_DOT}(?:{'|'.join(_SUFFIXES)})\b",
            rf"(?<![\w.])[a-z]{_DOT}(?:co|me)\b",
            rf"\w{_DOT}xn--",
            r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
        )
    )
)


def problem(text: str) -> str | None:
    """What is wrong with it, as the end of a sentence; None when it is words only.

    Line breaks are its caller's business.
    """
    if text.isascii() and text.isprintable() and not _SIGNS & set(text):
        return None
    if _UNSEEN.search(text) or any(
        unicodedata.category(one)[0] == "C" for one in text if one != "\n"
    ):
        return MARKS
    # the Catalan double l is no domain of Laos
    folded = unicodedata.normalize("NFKC", text).casefold().replace("l·l", "ll")
    return ADDRESS if _FOUND.search(folded.translate(_ALIKE)) else None
