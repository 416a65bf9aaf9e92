#!/usr/bin/env python3
"""Writes tests/fixtures/phones.tsv: 500 spellings of phones and libphonenumber's verdict on each in five regions.

The verdict is that of PyPI `phonenumbers`, a port of Google's libphonenumber: `parse(spelling, region)`, then
`is_valid_number`; a valid number is written in E.164, `!` stands for every other outcome.
Needs the version of `phonenumbers` whose metadata `Cargo.toml` pins through `rlibphonenumber`:

    pip install phonenumbers==9.0.42
    python3 scripts/phones.py > tests/fixtures/phones.tsv
"""

import random
import phonenumbers

REGIONS = ["RU", "KZ", "BY", "DE", "US"]
# Country code, national prefix, national numbers: mobiles, landlines, short ones, numbers nobody can have.
NUMBERS = [
    ("7", "8", ["9141234567", "4232222222", "9000000000", "8001234567", "7012345678", "7172123456", "3012345678"]),
    ("375", "8", ["291234567", "172123456", "331234567", "251234567"]),
    ("49", "0", ["30123456", "15123456789", "89123456", "3012345678", "8001234567", "1701234567"]),
    ("1", "1", ["2125550123", "6502530000", "8005550123", "4165550123", "1234567890", "9115550123"]),
    ("44", "0", ["2079460018", "7400123456"]),
    ("33", "0", ["612345678"]),
    ("86", "0", ["13123456789", "1012345678"]),
    ("82", "0", ["1020000000", "212345678"]),
    ("81", "0", ["312345678", "9012345678"]),
    ("998", "8", ["912345678"]),
    ("996", "0", ["700123456"]),
    ("971", "0", ["501234567", "22345678"]),
    ("380", "0", ["501234567"]),
    ("374", "0", ["77123456"]),
    ("995", "0", ["555123456"]),
    ("90", "0", ["5012345678"]),
    ("39", "", ["0612345678", "3123456789"]),
    ("886", "0", ["912345678"]),
]
BY_HAND = [
    "8914abc4567", "мама 89141234567", "Анна: +7 914 123-45-67", "1-800-FLOWERS", "+7 914 123-45-67; 89147654321",
    "8914123456", "+7 914 123-45-6", "+89141234567", "914123456", "+49 (0)30 123456", "+49 (0)30 1234567", "9141234567",
    "8 914 123 45 67", "8.914.123.45.67", "8\u2011914\u2011123\u201145\u201167", "8\u2013914\u2013123\u201345\u201367",
    "8 (914) 123-45-67 доб. 12", "8 914 123-45-67 доб 12", "+7 914 123-45-67 ext. 5", "+7 914 123-45-67 x5",
    "+7 914 123-45-67 #5", "tel:+7-914-123-45-67", "tel:+79141234567;ext=12", "００７", "８９１４１２３４５６７", "+７ 914 123 45 67",
    "٨٩١٤١٢٣٤٥٦٧", "00 7 914 123 45 67", "810 49 30 123456", "8~10 49 30 123456", "011 49 30 123456", "007 9141234567",
    "++79141234567", "+ 7 914 123 45 67", "7+9141234567", "+", "", " ", "0", "112", "02", "911", "123", "12345", "222-22-22",
    "2222222", "8-800-555-35-35", "8 800 555 35 35", "+8 800 555 35 35", "+800 1234 5678", "+870 773 111 632",
    "+882 16 21 11 11 11", "+979 123 456 789", "89141234567\u00a0", "\u200e+79141234567", "\u202a+79141234567\u202c",
    "\ufeff89141234567", "8(914)1234567", "(8914)1234567", "(914) 123-45-67", "[914] 123-45-67", "914/123/45/67",
    "8 914 123 45 67 ", "  8 914 123 45 67", "8914 1234567", "8\t914\t1234567", "8_914_1234567", "8*9141234567",
    "+7 (914) 1234567", "+7 (4232) 22-22-22", "+7 423 222-22-22", "84232222222", "4232222222", "+7 7012345678",
    "87012345678", "77012345678", "7012345678", "+7 600 123 45 67", "+7 000 000-00-00", "+7 111 111 11 11",
    "+7 999 999 99 99", "80291234567", "8 029 123-45-67", "375291234567", "291234567", "029 123 45 67", "8 10 375 29 1234567",
    "4930123456", "030 123456", "0049 30 123456", "49 30 123456", "0151 23456789", "+49 0151 23456789", "2125550123",
    "12125550123", "1 212 555 0123", "(212) 555-0123", "+1 (212) 555-0123", "1-800-555-0123", "+1 212 555 0123 ext 4",
    "7.9141E+10", "89141234567.0", "79141234567.0", "7 914 123 45 67", "79141234567", "7914123456", "791412345678",
    "891412345678", "99141234567", "69141234567", "+97233142764978", "+1 520-878-2491", "003-836-4618x3001",
    "+3367829916", "+33 6 78 29 91 60", "0", "00000000000", "11111111111", "99999999999999999", "123456789012345",
    "+123456789012345", "+1234567890123456", "12345678901234567890",
]


def shapes(code, trunk, number):
    """The ways in which one number is typed."""
    a, b, c, d = number[:3], number[3:6], number[6:8], number[8:]
    yield f"+{code}{number}"
    yield f"{code}{number}"
    yield f"{trunk}{number}"
    yield number
    yield f"+{code} ({a}) {b}-{c}-{d}"
    yield f"{trunk} ({a}) {b}-{c}-{d}"
    yield f"+{code} (0){a} {b} {c}{d}"
    yield f"00{code} {a} {b} {c}{d}"
    yield f"{trunk}-{a}-{b}-{c}-{d}"
    yield f"{a}.{b}.{c}.{d}"
    yield f"+{code}.{a}.{b}.{c}.{d}"
    yield f"+{code}\u00a0{a}\u00a0{b}\u2011{c}\u2011{d}"
    yield f"+{code} {number} доб. 34"
    yield f"+{code}{number[:-1]}"
    yield f"{trunk}{number[:-1]}"
    yield f"+{code}{number}5"
    yield f"+{trunk}{number}"


def verdict(spelling, region):
    try:
        number = phonenumbers.parse(spelling, region)
    except phonenumbers.NumberParseException:
        return "!"
    if not phonenumbers.is_valid_number(number):
        return "!"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spellings():
    every = [s for code, trunk, numbers in NUMBERS for n in numbers for s in shapes(code, trunk, n)]
    random.Random(10).shuffle(every)
    return list(dict.fromkeys(BY_HAND + every))[:500]


if __name__ == "__main__":
    print(f"# phonenumbers {phonenumbers.__version__}")
    print("\t".join(["spelling", *REGIONS]))
    for spelling in spellings():
        escaped = "".join(c if c.isprintable() and c != "\\" else f"\\u{ord(c):04x}" for c in spelling)
        print("\t".join([escaped, *(verdict(spelling, region) for region in REGIONS)]))
