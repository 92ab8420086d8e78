"""
Rows as bureaus write them (contract, sections 1, 2 and 6): English or Chinese headers and words, three units, five ways to write a
day, padded codes, any bracket; as JSON, as CSV in four encodings, or as a workbook. A row means the same in each.
"""

import datetime
import io
import json
import zipfile

BOUNDARY = "----oracle"
HEADERS = {
    **{"project_id": "项目编号", "name": "项目名称", "county": "县区划", "township": "乡镇区划", "village": "村区划"},
    **{"category": "项目类别", "unit_name": "实施单位", "unit_code": "统一社会信用代码", "planned_amount": "计划投资"},
    **{"library_on": "入库日期", "approved_on": "批复日期", "planned_start": "计划开工", "planned_end": "计划完工"},
    **{"accepted_on": "验收日期", "closed_on": "完结日期", "allocation_id": "指标编号", "parent_id": "上级指标编号"},
    **{"doc_no": "指标文号", "fund_type": "资金类型", "fiscal_year": "预算年度", "issuer_region": "下达地区"},
    **{"receiver_region": "接收地区", "issued_on": "下达日期", "received_on": "收文日期", "supplement_id": "追加编号"},
    **{"amount": "金额", "unit": "单位", "disbursement_id": "拨付编号", "recipient_name": "收款单位"},
    **{"recipient_code": "统一社会信用代码", "recipient_account": "收款账号", "disbursed_on": "拨付日期"},
    **{"credited_on": "到账日期", "voucher_no": "凭证号", "payment_id": "支付编号", "source_id": "资金来源编号"},
    **{"payee_kind": "收款人类型", "payee_name": "收款人", "payee_code": "证件号码", "payee_account": "收款账号"},
    **{"payee_region": "收款人地区", "paid_on": "支付日期", "method": "支付方式", "already_happened": "既成事实"},
    **{"reason": "理由", "return_id": "退回编号", "kind": "类型", "of_id": "对应编号", "returned_on": "退回日期"},
    **{"reversal_id": "冲销编号", "reversed_on": "冲销日期", "notice_id": "公示编号", "subject_id": "对应编号"},
    **{"level": "公示层级", "place": "公示地点", "posted_on": "公示开始", "removed_on": "公示结束"},
}
OF_KIND = {
    "returns": {"received_on": "收到日期", "reason": "原因"},
    "reversals": {"reason": "原因"},
}
SHEETS = {
    **{"projects": "项目", "allocations": "指标", "supplements": "追加", "disbursements": "拨付", "payments": "支付"},
    **{"returns": "退回", "reversals": "冲销", "notices": "公示"},
}
WORDS = {
    **{"central-special": "中央财政专项扶贫资金", "region-special": "自治区财政专项扶贫资金", "city-special": "市级专项"},
    **{"bond": "政府债券资金", "bank-return": "退票", "cash-return": "退回", "recall": "收回", "unit": "单位"},
    **{"person": "个人", "direct": "直接支付", "authorised": "授权支付", "card": "一卡通", "reimbursement": "报账"},
    **{"cash": "现金", "province": "省", "city": "市", "county": "县", "township": "乡", "village": "村", "yes": "是"},
}
WORDY = ("fund_type", "kind", "payee_kind", "method", "already_happened", "level")
REGIONAL = ("county", "township", "village", "issuer_region", "receiver_region", "payee_region")
UNITS = {"元": 2, "万元": 6, "亿元": 10}
BRACKETS = ("〔〕", "﹝﹞", "【】", "[]", "()")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")
EXCEL_EPOCH = datetime.date(1899, 12, 30)


def yuan(fen, unit):
    """Exact decimal text of whole fen in a unit."""
    places = UNITS[unit]
    digits = str(abs(fen)).rjust(places + 1, "0")
    whole, fraction = digits[:-places], digits[-places:].rstrip("0")
    return f"{'-' if fen < 0 else ''}{whole}{'.' + fraction if fraction else ''}"


class Clerk:
    """Writes rows in one of their forms; which one is a throw of the dice."""

    def __init__(self, dice):
        self.dice = dice

    def one(self, *choices):
        return self.dice.random.choice(choices)

    def cells(self, kind, row, unit, header_unit, in_chinese):
        """Column to text of one row; a day that a workbook holds as a date is a `datetime.date`."""
        given = {}
        for name, value in row.items():
            if value in (None, False) or name in ("amount", "planned_amount"):
                continue
            if name in WORDY:
                value = "yes" if value is True else value
                value = WORDS.get(value, value) if in_chinese else value
            elif name in REGIONAL:
                value = self.padded(value)
            elif name.endswith("_on") or name in ("planned_start", "planned_end"):
                value = self.day(value)
            elif name == "doc_no" and "〔" in value:
                opening, closing = self.one(*BRACKETS)
                value = value.replace("〔", opening).replace("〕", closing)
            given[name] = value
        for name in ("amount", "planned_amount"):
            if row.get(name) is None:
                continue
            text = yuan(row[name], unit)
            if self.dice.likely(0.1):
                whole, _, fraction = text.partition(".")
                text = f"{int(whole):,}{'.' + fraction if fraction else ''}" if whole != "-0" else text
            elif self.dice.likely(0.1):
                text = text.translate(FULL_WIDTH)
            given[f"{name}({unit})" if header_unit else name] = text
            if not header_unit:
                given["unit"] = unit
        return {self.header(kind, name, in_chinese): value for name, value in given.items()}

    def header(self, kind, name, in_chinese):
        if not in_chinese or name.startswith("flex_"):
            return name
        name, _, unit = name.partition("(")
        word = OF_KIND.get(kind, {}).get(name) or HEADERS[name]
        return f"{word}({unit}" if unit else word

    def padded(self, code):
        if len(code) < 6 or code.endswith("00"):
            return code
        return self.one(code, code, code.ljust(12, "0") if len(code) in (6, 9) else code)

    def day(self, text):
        year, month, day = text.split("-")
        return self.one(
            *(text, text, f"{year}/{int(month)}/{int(day)}", f"{year}{month}{day}"),
            f"{year}年{int(month)}月{int(day)}日",
        )

    def write(self, kind, rows):
        """Body and content type of a hand-in, with the name of its form."""
        form = self.one("json", "csv", "csv", "xlsx")
        in_chinese, unit = self.dice.likely(0.5), self.one("元", "元", "万元", "亿元")
        header_unit = self.dice.likely(0.3) and not any(row.get("amount", 0) is None for row in rows)
        written = [self.cells(kind, row, unit, header_unit, in_chinese) for row in rows]
        if form == "json":
            body = json.dumps({"kind": kind, "rows": written}, ensure_ascii=False).encode()
            return form, body, "application/json"
        names = list(dict.fromkeys(name for row in written for name in row))
        self.dice.random.shuffle(names)
        table = [names, *([row.get(name, "") for name in names] for row in written)]
        if form == "xlsx":
            sheet = self.one(kind, SHEETS[kind])
            content, file_name = workbook(sheet, table, self.dice.likely(0.5)), "rows.xlsx"
            said = kind if self.dice.likely(0.5) else None
        else:
            delimiter, encoding = self.one(",", ",", "\t", ";"), self.one(*ENCODINGS)
            form = f"csv {encoding}"
            content, file_name, said = delimited(table, delimiter).encode(encoding), "rows.csv", kind
        return form, multipart(content, file_name, said), f"multipart/form-data; boundary={BOUNDARY}"


def delimited(table, delimiter):
    def cell(text):
        text = str(text)
        return f'"{text}"' if any(sign in text for sign in (",", ";", "\t", '"', "\n")) else text

    return "".join(delimiter.join(map(cell, line)) + "\r\n" for line in table)


def multipart(content, file_name, kind):
    head = "" if kind is None else (
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="kind"\r\n\r\n{kind}\r\n'
    )
    part = (
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="{file_name}"\r\n'
        "content-type: application/octet-stream\r\n\r\n"
    )
    return (head + part).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def workbook(sheet, table, with_dates):
    """The least XLSX there is (ECMA-376): one sheet, texts inline, days as texts or as dates of Excel."""
    lines = []
    for at, line in enumerate(table, 1):
        cells = []
        for column, text in enumerate(line):
            place = f"{letters(column)}{at}"
            is_day = with_dates and at > 1 and len(text) == 10 and text[4] == "-" and text[7] == "-"
            if is_day:
                serial = (datetime.date.fromisoformat(text) - EXCEL_EPOCH).days
                cells.append(f'<c r="{place}" s="1"><v>{serial}</v></c>')
            elif text != "":
                said = str(text).replace("&", "&amp;").replace("<", "&lt;")
                cells.append(f'<c r="{place}" t="inlineStr"><is><t>{said}</t></is></c>')
        lines.append(f'<row r="{at}">{"".join(cells)}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="{sheet}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{text}')
    return out.getvalue()


def letters(column):
    first, last = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)
