"""Lists and archives as the world sends them: every encoding and habit is read, everything hostile is refused."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile

import pytest

from nanococoa_backend.ads.catalogue import built_in
from nanococoa_backend.batch.photos import ArchiveProblem, Photos, Upload
from nanococoa_backend.batch.rows import RowProblem, Wishes, row_of
from nanococoa_backend.batch.tables import MOST_BYTES, MOST_ROWS, Line, TableProblem, read_table
from nanococoa_backend.messages import LOCALES, has, say

TEXT = "상품,가격,문구\r\n부사 사과,39900,갓 딴 부사\r\n"


def photos_of(*uploads: tuple[str, bytes]) -> Photos:
    return Photos([Upload(name, io.BytesIO(data)) for name, data in uploads])


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_list_is_read_in_every_encoding_spreadsheets_use(encoding: str) -> None:
    (line,) = read_table(TEXT.encode(encoding))
    assert line.cells == {"product": "부사 사과", "price": "39900", "copy": "갓 딴 부사"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_list_is_read_with_every_delimiter(delimiter: str) -> None:
    table = f'상품{delimiter}문구{delimiter}크기\n사과{delimiter}"첫 줄\n둘째 줄"{delimiter}"정사각형, 스토리"\n'
    (line,) = read_table(table.encode())
    assert line.cells == {"product": "사과", "copy": "첫 줄\n둘째 줄", "sizes": "정사각형, 스토리"}


def test_lines_are_counted_as_spreadsheets_count_them() -> None:
    table = '상품,문구\n사과,"두\n줄"\n\n배,하나\n'
    assert [line.number for line in read_table(table.encode())] == [2, 5]


def test_columns_are_known_in_both_languages_and_others_are_left_alone() -> None:
    (line,) = read_table(b"No,Product Name,PRICE,Photo File\n1,Apple,100,a.jpg\n")
    assert line.cells == {"product": "Apple", "price": "100", "photo": "a.jpg"}
    (apart,) = read_table(unicodedata.normalize("NFD", TEXT).encode())
    assert apart.cells["product"] == "부사 사과"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"\x00" * 50, "empty"),
        ("상품\n".encode(), "no_rows"),
        (b"PK\x03\x04 workbook", "is_workbook"),
        (b"\x80\x81\xff\xfe\xfd\xfa" * 9, "encoding"),
        ("상품,상품명\n사과,배\n".encode(), "column_twice"),
        ("가격\n100\n".encode(), "no_product_column"),
        ('상품,문구\n사과,"안 닫힘\n배,둘\n'.encode(), "quotes"),
        ('상품\n"' + "가" * 200_000 + '"\n', "quotes"),
        (b"a" * (MOST_BYTES + 1), "too_large"),
        (("상품\n" + "사과\n" * (MOST_ROWS + 1)).encode(), "too_many"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_to_do(data: bytes | str, key: str) -> None:
    with pytest.raises(TableProblem) as refused:
        read_table(data if isinstance(data, bytes) else data.encode())
    assert refused.value.key == key
    for locale in LOCALES:
        assert say(locale, f"batch.list.{key}", **refused.value.details)


@pytest.mark.parametrize(
    "asked", ["사과.jpg", "사과.JPG", "사과", "사진/사과.jpg", unicodedata.normalize("NFD", "사과.jpg")]
)
def test_a_photo_is_found_by_its_name_however_it_is_written(asked: str) -> None:
    files = {"__MACOSX/._사과.jpg": b"x", ".DS_Store": b"x", "사진/": b"", "사진/사과.jpg": b"photo", "a.txt": b"x"}
    photos = photos_of(("p.zip", zipped(files)))
    assert len(photos) == 1
    assert photos.find(asked) == b"photo"


def test_korean_names_are_read_where_windows_does_not_say_how_they_are_written() -> None:
    data = bytearray(zipped({"XXXX.jpg": b"photo"}))
    name = "사과".encode("cp949")
    for place in (data.find(b"XXXX"), data.rfind(b"XXXX")):
        data[place : place + 4] = name
    assert photos_of(("p.zip", bytes(data))).find("사과.jpg") == b"photo"


def test_single_photos_and_archives_go_together() -> None:
    photos = photos_of(("배.jpg", b"pear"), ("p.zip", zipped({"사과.jpg": b"apple"})))
    assert (photos.find("배.jpg"), photos.find("사과")) == (b"pear", b"apple")
    assert photos.unused() == []


def test_names_that_lead_outside_are_only_names() -> None:
    photos = photos_of(("p.zip", zipped({"../../etc/사과.jpg": b"photo", "/root/배.jpg": b"pear"})))
    assert photos.find("사과.jpg") == b"photo"


@pytest.mark.parametrize("name", ["없음.jpg", "../../../etc/passwd", ""])
def test_a_photo_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(ArchiveProblem, match="missing"):
        photos_of(("p.zip", zipped({"사과.jpg": b"x"}))).find(name)


def test_two_photos_of_one_name_are_not_guessed_between() -> None:
    photos = photos_of(("p.zip", zipped({"하나/사과.jpg": b"1", "둘/사과.jpg": b"2"})))
    with pytest.raises(ArchiveProblem, match="ambiguous"):
        photos.find("사과.jpg")
    assert photos.find("둘/사과.jpg") == b"2"


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_is() -> None:
    bomb = zipped({"사과.jpg": b"\0" * 15_000_000}, zipfile.ZIP_DEFLATED)
    with pytest.raises(ArchiveProblem, match="bomb"):
        photos_of(("p.zip", bomb)).find("사과.jpg")
    with pytest.raises(ArchiveProblem, match="too_large"):
        photos_of(("p.zip", zipped({"사과.jpg": b"\0" * 20_000_001}, zipfile.ZIP_DEFLATED))).find("사과.jpg")
    lying = bytearray(bomb)
    directory = lying.rfind(b"PK\x01\x02")
    struct.pack_into("<I", lying, directory + 24, 1000)  # the directory says that it is small
    with pytest.raises(ArchiveProblem, match="broken"):
        photos_of(("p.zip", bytes(lying))).find("사과.jpg")


def test_all_photos_together_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nanococoa_backend.batch.photos.MOST_UNPACKED", 15)
    photos = photos_of(("a.jpg", b"0123456789"), ("b.jpg", b"0123456789"))
    photos.find("a.jpg")
    with pytest.raises(ArchiveProblem, match="all_too_large"):
        photos.find("b.jpg")


@pytest.mark.parametrize("data", [b"PK\x03\x04 not an archive", b"", zipped({"사과.jpg": b"x" * 500})[:-60]])
def test_a_damaged_archive_is_told(data: bytes) -> None:
    with pytest.raises(ArchiveProblem, match="broken"):
        photos_of(("p.zip", data))


def test_a_locked_archive_is_told() -> None:
    data = bytearray(zipped({"a.jpg": b"x"}))
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveProblem, match="encrypted"):
        photos_of(("p.zip", bytes(data))).find("a.jpg")


def test_an_archive_of_countless_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nanococoa_backend.batch.photos.MOST_ENTRIES", 3)
    with pytest.raises(ArchiveProblem, match="too_many"):
        photos_of(("p.zip", zipped({f"{number}.jpg": b"" for number in range(4)})))


def row(**cells: str) -> Line:
    return Line(2, {"product": "부사 사과", **cells})


def test_a_row_becomes_an_order() -> None:
    wishes = Wishes("sweep", ["square"])
    made = row_of(
        row(price="39,900원", copy="갓 딴 부사 | 산지 직송", scene="나무 탁자", sizes="스토리, 1080x1080"),
        wishes,
        built_in(),
        "ko",
    )
    assert (made.facts.price, made.order.scene, made.order.formats) == (39900, "wood", ["story", "square"])
    assert (made.order.fields.headline, made.order.fields.sub, made.order.fields.price) == (
        "갓 딴 부사",
        "산지 직송",
        "39,900원",
    )
    plain = row_of(row(scene="눈 덮인 마당"), wishes, built_in(), "ko").order
    assert (plain.scene, plain.background, plain.formats, plain.fields.headline) == (
        "",
        "눈 덮인 마당",
        ["square"],
        "부사 사과",
    )


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ({"product": ""}, "no_name"),
        ({"product": "가" * 81}, "name_wrong"),
        ({"price": "-1"}, "price_wrong"),
        ({"price": "9" * 30}, "price_wrong"),
        ({"unit": "가" * 31}, "unit_wrong"),
        ({"notes": "가" * 1001}, "notes_wrong"),
        ({"copy": "가" * 201}, "copy_long"),
        ({"scene": "가" * 1001}, "scene_long"),
        ({"sizes": "벽보"}, "size_unknown"),
    ],
)
def test_a_row_that_cannot_be_made_says_why(cells: dict[str, str], key: str) -> None:
    with pytest.raises(RowProblem) as refused:
        row_of(row(**cells), Wishes("wood", ["square"]), built_in(), "ko")
    assert refused.value.key == key
    assert has(f"batch.rows.{key}")
    for locale in LOCALES:
        assert say(locale, f"batch.rows.{key}", **refused.value.details)
