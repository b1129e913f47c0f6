"""Writes strings.json.gz: texts with the ids that open_clip's tokenizer gives them.

Run with Python 3.11, open_clip_torch 3.2.0, ftfy 6.3.1, regex 2026.11.15, and WordNet 3.0's
data.noun (Debian wordnet-base):  python tests/golden/tokenizer/generate.py
The file is a JSON list of [text, ids]; ids as for a context of 77, without padding.
"""

import gzip
import html.entities
import json
import pathlib
import random
import unicodedata

import ftfy
import open_clip
from open_clip.tokenizer import SimpleTokenizer

assert open_clip.__version__ == "3.2.0" and ftfy.__version__ == "6.3.1"
HERE = pathlib.Path(__file__).resolve().parent
WORDNET = pathlib.Path("/usr/share/wordnet/data.noun")
rng = random.Random(20)
tokenizer = SimpleTokenizer()
texts: list[str] = []


def captions():
    nouns, glosses = [], []
    for line in WORDNET.read_text(encoding="ascii").splitlines():
        if line.startswith(" "):
            continue
        head, gloss = line.split(" | ", 1)
        nouns.append(head.split()[4].replace("_", " "))
        glosses.append(gloss.strip())
    templates = [
        "a photo of a {}.", "itap of my {}.", "a bad photo of the {}", "art of the {} and the {}",
        "{}'s {}", "A {} in a {}, at night", "{} & {}", "I've seen it: the {}, they're all {}s!",
        "#{} @{} 100%", "THE {} OF {}", "we'll go, you'd say {}; it'd've been {}?",
    ]
    for _ in range(1500):
        template = rng.choice(templates)
        texts.append(template.format(*(rng.choice(nouns) for _ in range(template.count("{}")))))
    texts.extend(rng.sample(glosses, 900))
    texts.extend(rng.sample(nouns, 400))


SENTENCES = [
    "Der Fluß fließt überall schön durch die Straße", "L’été à la plage, où êtes-vous ? Ça va…",
    "El niño comió piñatas ¡qué rico! ¿Dónde está?", "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "Zażółć gęślą jaźń", "Быстрая коричневая лиса прыгает через собаку", "Ο ΟΔΥΣΣΕΥΣ ΚΑΙ Η ΘΑΛΑΣΣΑ",
    "İstanbul'da IŞIK ve ısı ığdır", "כלב חום קופץ מעל הגדר", "الكلب البني يقفز فوق السياج",
    "कुत्ता बाड़ के ऊपर कूदता है", "বাদামী কুকুর", "பழுப்பு நாய் வேலி மீது குதிக்கிறது", "สุนัขกระโดดข้ามรั้ว",
    "갈색 개가 울타리를 뛰어넘는다", "茶色の犬がフェンスを飛び越える", "棕色的狗跳过篱笆", "棕色的狗跳過籬笆，很開心！",
    "Con chó nâu nhảy qua hàng rào", "Շունը ցատկում է ցանկապատի վրայով", "ძაღლი ხტება ღობეზე",
    "ውሻው አጥሩን ይዘላል", "ខ្មែរ ភាសា", "ລາວ ພາສາ", "မြန်မာဘာသာ", "සිංහල භාෂාව", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ",
    "ǅ ǈ ǋ Ǳ ŉ Ĳsselmeer ﬂuﬃeﬆ ſtreet ß ẞ", "x² + y³ = ½·√¾ ≤ ∞", "№ 5 – 10 €/kg ± 3 ‰ °C µm",
]


def scripts():
    texts.extend(SENTENCES)
    for _ in range(500):
        words = [w for s in rng.sample(SENTENCES, 3) for w in s.split()]
        rng.shuffle(words)
        text = " ".join(words[: rng.randint(1, 9)])
        texts.append(rng.choice([str, str.upper, str.lower, str.title])(text))
    for _ in range(150):
        form = rng.choice(["NFD", "NFKD", "NFKC"])
        texts.append(unicodedata.normalize(form, rng.choice(SENTENCES)))
    for _ in range(150):
        base = rng.choice(["e", "a", "O", "n", "क", "ا", "가", "!", "3", "ι"])
        marks = "".join(chr(rng.randint(0x300, 0x36F)) for _ in range(rng.randint(1, 4)))
        texts.append(f"z{base}{marks}s {marks}{base}")


def emoji():
    single = [*map(chr, range(0x1F300, 0x1F650)), *map(chr, range(0x2600, 0x27C0)), "🇩🇪", "🇫🇷", "1️⃣", "❤️"]
    joined = ["👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "🧑🏿‍🤝‍🧑🏻", "👁️‍🗨️", "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", "👍🏾", "🫠"]
    for _ in range(450):
        parts = rng.choices(single, k=rng.randint(1, 4)) + rng.sample(joined, rng.randint(0, 2))
        rng.shuffle(parts)
        texts.append(rng.choice(["", " ", " beach "]).join(parts))


def entities():
    names = sorted(html.entities.html5)
    for _ in range(450):
        name = rng.choice(names)
        mangled = rng.choice([name, name.rstrip(";"), name.upper(), name.lower(), name[:-2] + ";", name.rstrip(";") + "x"])
        prefix = rng.choice(["&", "&amp;", "&amp;amp;", "&amp;amp;amp;", "&#38;", "&AMP"])
        tail = rng.choice(["", " tail", "=1", ";", "<p>"])
        texts.append(f"{rng.choice(['', 'fish ', '<b>', '&'])}{prefix}{mangled}{tail}")
    for _ in range(250):
        number = rng.choice([rng.randint(0, 0xFF), rng.randint(0, 0x3000), rng.randint(0xD000, 0x11FFFF), rng.randint(0xFDC0, 0xFE00)])
        shape = rng.choice(["&#{};", "&#{}", "&#x{:x};", "&#X{:X}", "&amp;#{};", "&#0{};", "&#{}x;"])
        texts.append("a" + shape.format(number) + rng.choice(["", "b", " c", "<", ";"]))
    texts.extend(["&", "&;", "&#", "&#;", "&#x;", "&#xG;", "&" + "a" * 40 + ";", "&#99999999999999;", "&&amp;&", "a&b;c"])
    for code in range(0x80, 0xA0):
        texts.append(f"&#{code}; &#x{code:x}")


MOJIBAKE_CODECS = ["latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "sloppy-windows-1250", "sloppy-windows-1253", "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "macroman", "cp437"]


def mojibake():
    sources = SENTENCES + ["“quoted” – it’s… a café", "naïve façade 👍🏽 ok", "à la carte", "100 €, £5 – ¥3", "fi\u00a0nbsp\u00a0x", "✔ No problems 😂", "Renée’s déjà vu™ ®", "ἀγάπη", "\u200bzero‍width"]
    for _ in range(1100):
        text = rng.choice(sources)
        if rng.random() < 0.5:
            words = text.split(" ")
            cut = rng.randint(0, len(words) - 1)
            text = " ".join(words[cut : cut + rng.randint(1, 4)])
        for _ in range(rng.choice([1, 1, 1, 2])):
            codec = rng.choice(MOJIBAKE_CODECS)
            text = text.encode("utf-8").decode(codec)
        change = rng.random()
        if change < 0.1:
            text = text.replace("\u00a0", " ")
        elif change < 0.2 and text:
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice("\ufffd?") + text[at + 1 :]
        elif change < 0.3:
            text = rng.choice(["plain ", "日本 ", "&amp; ", "<i>", "щ "]) + text
        elif change < 0.35:
            text = text + "\n" + rng.choice(sources)
        elif change < 0.4:
            text = text[: rng.randint(0, len(text))]
        elif change < 0.45:
            text = text.upper()
        texts.append(text)
    for _ in range(150):
        text = rng.choice(["😂 joy", "x 👍🏽", "null\0here 💩"]).encode("utf-16-be", "surrogatepass")
        units = [int.from_bytes(text[i : i + 2], "big") for i in range(0, len(text), 2)]
        cesu = b"".join(b"\xc0\x80" if u == 0 else chr(u).encode("utf-8", "surrogatepass") for u in units)
        cesu = cesu[: rng.randint(3, len(cesu))] if rng.random() < 0.4 else cesu
        texts.append(cesu.decode(rng.choice(MOJIBAKE_CODECS[:3])) + rng.choice(["", "\n", " é"]))
    alphabet = "ÃÂâ€™œ”“žŸš©®°·»«¿¡Ðàéñ ¦¤¨¬¯¸ƒˆ˜†‡‰§¶ABab ВЂГСРвβ€ØÙ×²³√±∂≈‚Ä│┌═▀" + "".join(map(chr, range(0x80, 0xC0)))
    for _ in range(700):
        texts.append("".join(rng.choices(alphabet, k=rng.randint(2, 9))))


def odds():
    for code in [*range(0x0, 0x21), *range(0x7F, 0xA1), *range(0x2000, 0x2070), 0x1680, 0x180E, 0x202F, 0x205F, 0x3000, 0xFEFF, *range(0xFFF9, 0xFFFE), *range(0xFF00, 0xFFF0)]:
        texts.append(f"a{chr(code)}b {chr(code)} {chr(code)}{chr(code)}c")
    for special in ["<start_of_text>", "<end_of_text>", "<START_OF_TEXT>", "<End_Of_Text>", "<|endoftext|>", "<ſtart_of_text>", "&lt;end_of_text&gt;", "<end_of_text", "x<start_of_text>y", "<pad>"]:
        texts.extend([special, f"a {special} b", special * 3, special[1:]])
    texts.extend(["", " ", "\n", "\0", "'", "''s", "'S 'T 'RE 'VE 'M 'LL 'D", "'ſ 'ﬅ 'ſt", "don't WON’T can‘t", "o'clock'd've", "1234567890 3.14 1,000 ①②③ Ⅳ ⅷ ٣٤ 四 ½", "a_b-c/d\\e|f", "!!!???...,,,", "....'s", "___"])
    texts.extend(["\u0345", "!\u0345", "a\u0345b", "!\u0345!", "Ⓐⓐ 🄰 ªº ʰ", "K Å Ω ſ İ ı", "ΑΣ ΑΣ. ΑΣ' Σ ΑΣ\u0301 aΣ\u00adb"])
    for _ in range(150):
        host = rng.choice(["example.org", "www.flickr.com", "bücher.de", "日本.jp"])
        texts.append(f"https://{host}/{rng.randint(0, 9999)}?a={rng.random():.4f}&copy=1&amp;lang=de#IMG_{rng.randint(0, 9999):04}.JPG")
    for _ in range(60):
        word = rng.choice(["cat ", "a photo ", "日本", "😀", "x", "ha", "ab'cd ", "1", "!?"])
        texts.append(word * rng.randint(60, 200))
    for _ in range(20):
        texts.append("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(80, 400))))
    for code in range(0x1B, 0x1C):
        texts.extend([f"{chr(code)}[31mred{chr(code)}[0m", f"{chr(code)}[3;4;٣mx", f"{chr(code)}[;", f"{chr(code)}[[31m31m"])
    for space in ["\t", "\r\n", "\v", "\f", "\u2028", "\u2029", "\u00a0", "\u2003", "\u200b"]:
        texts.append(f"{space}two{space}{space}words{space}")
    texts.extend(["a\n<b>&amp;amp;amp;\n&hellip;", "&hellip;\n<\n&hellip;", "&lt;&hellip;", "＆hellip;", "＆ａｍｐ；", "&amp;ldquo;x&rdquo", "<&ldquo;", "&shy;x&nbsp;y&zwj;"])


def random_unicode():
    # Characters that every Unicode version since 14 knows: the libraries differ on later ones.
    def assigned():
        while True:
            c = chr(rng.choice([rng.randint(0, 0x2FF), rng.randint(0, 0xFFFF), rng.randint(0, 0x1FFFF), rng.randint(0, 0x10FFFF)]))
            if unicodedata.category(c) not in ("Cs", "Cn"):
                return c

    for _ in range(700):
        texts.append("".join(assigned() for _ in range(rng.randint(1, 10))))
    cased = [c for c in map(chr, range(0x80, 0x1FFFF)) if unicodedata.category(c) != "Cs" and (c.lower() != c or c.upper() != c)]
    for at in range(0, len(cased), 12):
        texts.append("".join(cased[at : at + 12]))


for part in (captions, scripts, emoji, entities, mojibake, odds, random_unicode):
    part()

texts = list(dict.fromkeys(texts))
rows = []
for text in texts:
    ids = tokenizer(text)[0].tolist()
    used = len(ids) if ids[-1] else max(i for i, token in enumerate(ids) if token) + 1
    rows.append([text, ids[:used]])
data = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
target = HERE / "strings.json.gz"
with open(target, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
    packed.write(data)
print(len(rows), "texts,", target.stat().st_size, "bytes")
