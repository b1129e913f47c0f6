"""A sequential JPEG's components in scans of their own (T.81 allows it), and the same in one scan.

    python3 tests/golden/separate_scans.py          # needs Pillow; writes tests/golden/scaled/separate-*.jpeg

The picture is made of gradients. Pillow writes a JPEG; its entropy-coded data is decoded to
coefficients here and coded again, with the file's own tables.
"""

import io
import struct
from pathlib import Path

from PIL import Image


def segments(data):
    at = 2
    while True:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        yield marker, data[at : at + 2 + length]
        at += 2 + length
        if marker == 0xDA:
            yield None, data[at:-2]
            return


def codes(table):
    counts, symbols = table[:16], table[16:]
    found, code, index = {}, 0, 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            found[(length, code)] = symbols[index]
            code, index = code + 1, index + 1
        code <<= 1
    return found


class Bits:
    def __init__(self, data):
        data = data.replace(b"\xff\0", b"\xff")
        self.text, self.at = "".join(f"{byte:08b}" for byte in data), 0

    def take(self, count):
        self.at += count
        return self.text[self.at - count : self.at]

    def symbol(self, table):
        for length in range(1, 17):
            found = table.get((length, int(self.text[self.at : self.at + length], 2)))
            if found is not None:
                return self.take(length), found


def block(bits, dc, ac):
    """The bits of a block: difference of the zeroth coefficient, then the rest."""
    code, size = bits.symbol(dc)
    out = code + bits.take(size)
    k = 1
    while k < 64:
        code, symbol = bits.symbol(ac)
        out += code + bits.take(symbol & 15)
        if symbol == 0:
            break
        k += (symbol >> 4) + 1
    return out


def encoded(text):
    text += "1" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8)).replace(b"\xff", b"\xff\0")


def main():
    width = height = 64
    picture = Image.new("RGB", (width, height))
    picture.putdata([(x * 4, y * 4, x * y // 16) for y in range(height) for x in range(width)])
    # In 4:2:0 a scan of the first component has other order of blocks than the units of all have.
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85, subsampling="4:2:0")
    data = file.getvalue()
    head, tables, body = b"\xff\xd8", {}, b""
    for marker, segment in segments(data):
        if marker is None:
            body = segment
        elif marker != 0xDA:
            head += segment
            if marker == 0xC4:
                rest = segment[4:]
                while rest:
                    length = 17 + sum(rest[1:17])
                    tables[rest[0]] = codes(rest[1:length])
                    rest = rest[length:]
    bits = Bits(body)
    across = width // 16
    units = across * (height // 16)
    # Luminance blocks by their place in the picture; predictions differ by order, so that differences
    # are decoded to values and coded anew.
    values = {0: {}, 1: {}, 2: {}}
    prediction = [0, 0, 0]
    for unit in range(units):
        for component, places in ((0, 4), (1, 1), (2, 1)):
            for place in range(places):
                dc, ac = tables[component > 0], tables[16 | (component > 0)]
                start = bits.at
                code, size = bits.symbol(dc)
                difference = int(bits.take(size) or "0", 2)
                if size and difference < 1 << (size - 1):
                    difference -= (1 << size) - 1
                bits.at = start
                coded = block(bits, dc, ac)
                prediction[component] += difference
                column, row = unit % across, unit // across
                if component == 0:
                    column, row = 2 * column + place % 2, 2 * row + place // 2
                values[component][(row, column)] = (prediction[component], coded[len(code) + size :])

    def scan(components):
        selectors = b"".join(bytes([c + 1, 0x11 if c else 0]) for c in components)
        out = b"\xff\xda" + struct.pack(">HB", 6 + len(selectors), len(components)) + selectors + b"\0\x3f\0"
        before, text = {c: 0 for c in components}, ""

        def put(component, place):
            value, rest = values[component][place]
            difference, before[component] = value - before[component], value
            size = abs(difference).bit_length()
            code = next(k for k, v in tables[component > 0].items() if v == size)
            bits_of = difference if difference >= 0 else difference + (1 << size) - 1
            return f"{code[1]:0{code[0]}b}" + (f"{bits_of:0{size}b}" if size else "") + rest

        if components == [0]:
            for place in sorted(values[0]):
                text += put(0, place)
        else:
            for row, column in sorted(values[1]):
                for c in components:
                    places = [(row, column)]
                    if c == 0:
                        places = [(2 * row + y, 2 * column + x) for y in (0, 1) for x in (0, 1)]
                    for place in places:
                        text += put(c, place)
        return out + encoded(text)

    folder = Path(__file__).parent / "scaled"
    for name, scans in (
        ("420-one", [[0, 1, 2]]),
        ("420", [[0], [1], [2]]),
        ("y-cbcr", [[0], [1, 2]]),
    ):
        whole = head + b"".join(scan(s) for s in scans) + b"\xff\xd9"
        (folder / f"separate-{name}.jpeg").write_bytes(whole)


main()
