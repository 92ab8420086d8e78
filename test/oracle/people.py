"""People nobody is: made-up codes of a division that never was, a few with a wrong check digit, a few with no code at all."""

from flags import credit_check, luhn, resident_check

COUNT = 14
NAMES = "甲乙丙丁戊己庚辛壬癸子丑寅卯"


def account(number, is_right=True):
    body = f"62284804{7_130_000_000 + 977 * number}"
    digit = next(str(one) for one in range(10) if (luhn(f"{body}{one}") == 0) == is_right)
    return body + digit


def resident(number):
    body = f"459999{1950 + number}0{1 + number % 9}1{number % 10}{number:03d}"
    right = resident_check(body)
    return body + (right if number % 6 != 5 else "10X98765432"[("10X98765432".index(right) + 1) % 11])


def credit_code(number, is_right=True):
    body = f"91450100M{number:08d}"
    right = credit_check(body)
    return body + (right if is_right else "0" if right != "0" else "1")


def payee(number):
    """Name, code and account of one person; the same person always has the same three."""
    return {
        "payee_name": f"{NAMES[number % COUNT]}某例",
        "payee_code": None if number % 7 == 6 else resident(number),
        "payee_account": None if number % 5 == 4 else account(number, number % 4 != 3),
    }
