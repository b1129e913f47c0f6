#!/usr/bin/env python3
"""Makes the tokenizers, and the token ids, that src/clip/tokenizer/file.rs is compared with.

    pip install tokenizers==0.22.2 transformers==4.57.1 sentencepiece==0.2.3 protobuf
    python tests/golden/tokenizer_files.py        # the tokenizers
    pip install tokenizers==0.23.2
    python tests/golden/tokenizer_files.py --ids  # the ids, by the version that Cargo.lock has

Versions differ in which of several equally likely ways they split a row of equal emoji.

No published tokenizer is in this repository. These two have the form of the published ones, are trained on
the strings of tests/golden/tokenizer and the sentences below, and are small:

- `bpe.json`: byte-pair encoding with byte fallback, as Gemma's, which SigLIP 2 has;
- `unigram.json`: sentencepiece's Unigram with its normalisation table, as SigLIP's.

The ids are those of the Python library, for texts cleaned as transformers cleans them for either model.
"""

import gzip
import json
import pathlib
import re
import string
import sys
import tempfile

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
CONTEXT = 64
STRINGS = 5_000

SENTENCES = """
Ein Hund läuft über die Straße, und die Möwen schreien am Ufer.
Un chien traverse la rue pendant que les mouettes crient près de l'eau.
Un perro cruza la calle mientras los niños juegan en el jardín.
Um cão atravessa a rua enquanto as crianças brincam no jardim à noite.
Un cane attraversa la strada mentre i bambini giocano nel giardino.
Een hond steekt de straat over terwijl de kinderen in de tuin spelen.
En hund går över gatan medan barnen leker på gården i snön.
Koira ylittää kadun samalla kun lapset leikkivät pihalla.
Pies przechodzi przez ulicę, a dzieci bawią się w ogrodzie źrebiąt.
Pes přechází ulici, zatímco si děti hrají na zahradě pod třešněmi.
Egy kutya átmegy az úton, miközben a gyerekek a kertben játszanak.
Bir köpek caddeyi geçerken çocuklar bahçede ışıklarla oynuyor. İstanbul
Собака переходит улицу, а дети играют в саду у реки.
Собака переходить вулицю, а діти граються в саду, їдять яблука.
Ένας σκύλος διασχίζει τον δρόμο ενώ τα παιδιά παίζουν στον κήπο.
كلب يعبر الشارع بينما يلعب الأطفال في الحديقة عند غروب الشمس
כלב חוצה את הרחוב בזמן שהילדים משחקים בגינה ליד הים
سگی از خیابان می‌گذرد و بچه‌ها در باغ بازی می‌کنند
एक कुत्ता सड़क पार कर रहा है और बच्चे बगीचे में खेल रहे हैं।
একটি কুকুর রাস্তা পার হচ্ছে আর শিশুরা বাগানে খেলছে।
สุนัขกำลังข้ามถนนขณะที่เด็ก ๆ เล่นอยู่ในสวน
Một con chó băng qua đường trong khi trẻ em chơi trong vườn.
Seekor anjing menyeberang jalan sementara anak-anak bermain di taman.
一只狗正在过马路,孩子们在花园里玩耍。
一隻狗正在過馬路,孩子們在花園裡玩耍。
犬が道を渡り、子どもたちは庭で遊んでいる。ﾊﾟｰﾄ
개 한 마리가 길을 건너고 아이들은 정원에서 놀고 있다.
A dog 🐕 crosses the street 👩‍👩‍👧‍👦 🏳️‍🌈 while children play; it's 5 o'clock — "late"!
"""


def samples():
    with gzip.open(HERE / "tokenizer/strings.json.gz") as file:
        rows = [text for text, _ in json.load(file)]
    step = len(rows) / (STRINGS - 400)
    chosen = [rows[int(i * step)] for i in range(STRINGS - 400)]
    lines = SENTENCES.split("\n")[1:-1]
    parts = [" ".join(line.split(" ")[: n + 1]) for line in lines for n in range(16)]
    return (lines + parts + chosen)[:STRINGS]


def bpe(lines, size):
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    added = special + [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=added, limit_alphabet=max(20, (size - 260) // 3), show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    made = json.loads(tokenizer.to_str())
    # The bytes are ordinary tokens.
    made["added_tokens"] = [token for token in made["added_tokens"] if token["content"] in special]
    tokenizer = Tokenizer.from_str(json.dumps(made))
    tokenizer.decoder = decoders.ByteFallback()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    return tokenizer


def unigram(lines):
    import sentencepiece
    from transformers import T5Tokenizer
    from transformers.convert_slow_tokenizer import convert_slow_tokenizer

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "text").write_text("\n".join(lines))
        sentencepiece.SentencePieceTrainer.train(
            input=str(folder / "text"), model_prefix=str(folder / "spiece"), vocab_size=1800, model_type="unigram",
            pad_id=0, eos_id=1, unk_id=2, bos_id=-1, character_coverage=0.98, minloglevel=2,
            hard_vocab_limit=False, num_threads=1,
        )
        slow = T5Tokenizer(str(folder / "spiece.model"), extra_ids=0, legacy=False)
        return convert_slow_tokenizer(slow)


def canonical(text):
    text = text.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\s+", " ", text).strip()


def ids(tokenizer, texts, padding):
    tokenizer.enable_truncation(CONTEXT)
    rows = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [row + [padding] * (CONTEXT - len(row)) for row in rows]


def trimmed(rows):
    """Without the padding at the end, but one, which is known."""
    return [row[: max(i for i, v in enumerate(row) if v != row[-1] or i == 0) + 2] for row in rows]


def main():
    texts = samples()
    lines = [text.replace("\n", " ") for text in texts if text.strip()]
    folder = HERE / "tokenizer_files"
    if sys.argv[1:] != ["--ids"]:
        train(lines, folder)
        return
    gemma, siglip = (Tokenizer.from_file(str(folder / f"{name}.json")) for name in ("bpe", "unigram"))
    lower = ids(gemma, [text.lower() for text in texts], 0)
    plain = ids(siglip, [canonical(text) for text in texts], 1)
    rows = list(zip(texts, trimmed(lower), trimmed(plain)))
    with gzip.GzipFile(folder / "ids.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())
    print(len(rows), "strings")


def train(lines, folder):
    bpe([line.lower() for line in lines], 1800).save(str(folder / "bpe.json"), pretty=False)
    unigram([canonical(line) for line in lines]).save(str(folder / "unigram.json"), pretty=False)
    # The tiny SigLIP of generate.py has 300 tokens.
    tiny = bpe([line.lower() for line in lines], 300)
    assert tiny.get_vocab_size() <= 300
    tiny.save(str(HERE / "siglip/tokenizer.json"), pretty=False)
    config = {"tokenizer_class": "GemmaTokenizerFast", "pad_token": "<pad>", "do_lower_case": True}
    (HERE / "siglip/tokenizer_config.json").write_text(json.dumps(config, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
