"""LA1 to LA5: both languages say everything, with the same placeholders, and none speaks the other's."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.i18n.catalog import LOCALES, Translator, locale_folder, map_locale

DOMAINS = sorted(path.stem for path in locale_folder("en").glob("*.po"))

# What stays as it is in every language: commands in backquotes, addresses and placeholders, names of products
# and of what one clicks at Slack, then paths, options, variables and file names.  In this order.
VERBATIM = (
    re.compile(r"`[^`]*`|https?://[A-Za-z0-9./_-]*|\{[^}]*\}"),
    re.compile(
        r"\b(?:Muster|Slack|muster|xoxb|xapp|https?|Create New App|From a manifest|OAuth & Permissions"
        r"|Bot User OAuth Token|Basic Information|App-Level Tokens|App Credentials|connections:write"
        r"|Socket|Ctrl-C|Channel)\b"
    ),
    re.compile(r"\S*/\S+|--?[A-Za-z][\w-]*|\b[A-Z][A-Z0-9_-]+\b|[\w.*-]+\.[a-z]{2,4}\b"),
)

MASKED_NAMES = {"log.customer_hint"}
"""Entries whose asterisks are no bold."""


def catalog(locale: str, domain: str) -> Catalog:
    with (locale_folder(locale) / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=locale.replace("-", "_"))


def entries(locale: str, domain: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for message in catalog(locale, domain):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            assert key not in found, f"{key} twice"
            value = message.string
            found[key] = (value,) if isinstance(value, str) else tuple(value)
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_domains() -> None:
    for locale in LOCALES:
        assert sorted(path.stem for path in locale_folder(locale).glob("*.po")) == DOMAINS


@pytest.mark.parametrize("domain", DOMAINS)
def test_same_keys_and_nothing_empty_or_fuzzy(domain: str) -> None:
    held = {locale: entries(locale, domain) for locale in LOCALES}
    assert held["en"].keys() == held["zh-Hans"].keys()
    for locale, found in held.items():
        assert [key for key, forms in found.items() if not all(form.strip() for form in forms)] == []
        assert [str(m.id) for m in catalog(locale, domain) if m.id and m.fuzzy] == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_same_placeholders(domain: str) -> None:
    english, chinese = entries("en", domain), entries("zh-Hans", domain)
    for key, forms in english.items():
        wanted = set().union(*map(placeholders, forms))
        for form in (*forms, *chinese[key]):
            # "one case" may leave the number out.
            assert placeholders(form) | {"n"} == wanted | {"n"}, key
        assert all(name.isidentifier() for name in wanted), key


@pytest.mark.parametrize("domain", DOMAINS)
def test_plural_forms(domain: str) -> None:
    """English has two, Chinese one, as each file's header says."""
    for locale, count in (("en", 2), ("zh-Hans", 1)):
        held = catalog(locale, domain)
        assert held.num_plurals == count
        for message in held:
            if message.pluralizable:
                assert len(message.string) == count, message.id
    plural = {m.id[0] for m in catalog("en", domain) if m.pluralizable}
    assert plural == {m.id[0] for m in catalog("zh-Hans", domain) if m.pluralizable}


def test_no_key_in_two_domains() -> None:
    seen: dict[str, str] = {}
    for domain in DOMAINS:
        for key in entries("en", domain):
            assert key not in seen, f"{key} in {seen[key]} and {domain}"
            seen[key] = domain


def test_no_english_left_in_the_slack_messages() -> None:
    left = {}
    for key, forms in entries("zh-Hans", "slack").items():
        words = re.findall(r"[A-Za-z]{2,}", " ".join(bare(form) for form in forms))
        if words:
            left[key] = words
    assert left == {}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_bold_stands_apart_from_words(domain: str, locale: str) -> None:
    """Slack shows the signs of a bold that touches a letter of any script, a placeholder or code."""
    touching = {
        key
        for key, forms in entries(locale, domain).items()
        for form in forms
        for bold in re.finditer(r"\*[^*\s][^*\n]*\*", form)
        if re.search(r"[\w`}>]$", form[: bold.start()]) or re.match(r"[\w`{<]", form[bold.end() :])
    }
    assert touching - MASKED_NAMES == set()


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_english_sentence_left(domain: str) -> None:
    """Where English has a sentence, Chinese has Chinese, and nowhere three English words in a row."""
    english = entries("en", domain)
    for key, forms in entries("zh-Hans", domain).items():
        for form in forms:
            assert not re.search(r"(?:\b[a-z]{2,}\b +){2}\b[a-z]{2,}\b", bare(form)), key
            if len(re.findall(r"\b[a-z]{3,}\b", bare(english[key][0]))) >= 3:
                assert re.search(r"[\u4e00-\u9fff]", form), key


def bare(text: str) -> str:
    for pattern in VERBATIM:
        text = pattern.sub(" ", text)
    return text


@pytest.mark.parametrize("domain", DOMAINS)
def test_one_word_for_an_agent(domain: str) -> None:
    """The glossary has 客服; files may call the column otherwise, we do not."""
    other = {k for k, forms in entries("zh-Hans", domain).items() if re.search("[座坐]席", " ".join(forms))}
    assert other == set()


def test_no_chinese_in_english() -> None:
    for domain in DOMAINS:
        for key, forms in entries("en", domain).items():
            if key != "frame.language":
                assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", "".join(forms)), key


def test_every_key_the_slack_side_asks_for_exists() -> None:
    root = Path(__file__).parents[3]
    t = Translator("en")
    used = set()
    for folder in ("bot/slack", "bot/cli"):
        for path in (root / folder).rglob("*.py"):
            if folder == "bot/cli" and path.name not in {"serve.py", "slack.py"}:
                continue
            used |= set(re.findall(r't\.(?:text|plural)\(\s*"([\w.]+)"', path.read_text()))
            used |= set(re.findall(r'"(manifest\.[\w.]+|cli\.[\w.]+|notice\.\w+)"', path.read_text()))
    assert len(used) > 60
    assert sorted(key for key in used if not t.has(key)) == []


def test_fallbacks() -> None:
    t = Translator("fr")
    assert t.locale == "en"
    assert map_locale("zh-CN") == "zh-Hans"
    assert map_locale("fr", "zh-Hans") == "zh-Hans"
    assert not t.has("no.such.key")
    with pytest.raises(KeyError):
        t.text("no.such.key")
    with pytest.raises(KeyError):
        t.text("link.done")  # placeholders without data


def test_plural_picks_the_form() -> None:
    one, many = (Translator("en").plural("roster.announced.title", n, first="a", last="b") for n in (1, 2))
    assert "1 agent." in one
    assert "2 agents." in many
    assert "1 名客服" in Translator("zh-CN").plural("roster.announced.title", 1, first="a", last="b")


def test_traditional_chinese_says_everything_in_its_own_characters_and_words() -> None:
    """LA1: made from the Simplified catalogues; commands and placeholders stay what they are."""
    simplified, traditional = Translator("zh-Hans"), Translator("zh-TW")
    assert traditional.locale == "zh-Hant"
    assert traditional.text("frame.language") == "繁體中文"
    assert traditional.text("label.activity.stand_up") == "站會"
    kept = re.compile(r"`[^`]*`|\{[^}]*\}")
    left: dict[str, str] = {}
    for domain in DOMAINS:
        for key, forms in entries("zh-Hans", domain).items():
            held = traditional._entry(key)[0]
            for before, after in zip(forms, (held,) if isinstance(held, str) else held, strict=True):
                assert kept.findall(after) == kept.findall(before), key
                if re.search("[发们这个队联预]", kept.sub("", after)):
                    left[key] = after
    assert left == {}
    assert simplified.text("label.activity.stand_up") == "站会"


def test_published_is_no_gas_and_a_code_no_program() -> None:
    """Words that the conversion takes for something else."""
    everything = " ".join(
        str(Translator("zh-Hant")._entry(key)[0]) for d in DOMAINS for key in entries("en", d)
    )
    assert [word for word in ("釋出", "程式碼", "聯結器") if word in everything] == []
    assert "已發布的排班表" in everything
