"""Words of many scripts stay whole: combining marks and joiners belong to the letters they stand with."""

import unicodedata

import pytest

from tinygrad_rnn.lab.data import Vocabulary, words

# the script or what is special -> words that were cut at marks or joiners
WHOLE = {
    "Hindi": "हिन्दी",
    "Hindi with a nukta": "लड़का",
    "Bengali": "বাংলাদেশ",
    "Tamil": "தமிழ்",
    "Telugu": "తెలుగు",
    "Kannada": "ಕನ್ನಡ",
    "Malayalam": "മലയാളം",
    "Sinhala with a joiner": "ශ්\u200dරී",
    "Gujarati": "ગુજરાતી",
    "Gurmukhi": "ਪੰਜਾਬੀ",
    "Thai": "ภาษาไทยที่",
    "Lao": "ພາສາລາວຊື່",
    "Khmer": "ភាសាខ្មែរ",
    "Burmese": "မြန်မာဘာသာ",
    "Tibetan": "བོད",
    "Arabic with vowels": "مُحَمَّدٌ",
    "Hebrew with points": "שָׁלוֹם",
    "Persian with a non-joiner": "می\u200cخواهم",
    "French, decomposed": unicodedata.normalize("NFD", "éléphant"),
    "Vietnamese, decomposed": unicodedata.normalize("NFD", "Việt"),
    "Yoruba": "ọ̀rọ̀",
    "Korean, decomposed": unicodedata.normalize("NFD", "한국어"),
    "Japanese, decomposed": unicodedata.normalize("NFD", "がぎぐ"),
    "German with a soft hyphen": "Donau\u00addampfer",
    "with a non-breaking hyphen": "self‑made",
    "Catalan": "col·lecció",
    "Slavonic with a titlo": "бг҃ъ",
}


@pytest.mark.parametrize("word", WHOLE.values(), ids=WHOLE.keys())
def test_a_word_is_one_piece(word: str) -> None:
    assert words(word) == [word]
    assert words(f"«{word}», {word}!") == ["«", word, "»", ",", word, "!"]
    assert Vocabulary.of(f"{word} a {word}", lower=True).encode(word.upper()).tolist() == [0]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("❤️ and 👩‍💻!", ["❤️", "and", "👩‍💻", "!"]),
        ("1️⃣ a\u0301, b", ["1️⃣", "a\u0301", ",", "b"]),
        ("^ ] \\ - [ é", ["^", "]", "\\", "-", "[", "é"]),
        ("e\u0301^ e\u0301] e\u0301\\ -e\u0301", ["e\u0301", "^", "e\u0301", "]", "e\u0301", "\\", "-", "e\u0301"]),
    ],
)
def test_signs_stand_alone_with_their_marks(text: str, tokens: list[str]) -> None:
    assert words(text) == tokens
