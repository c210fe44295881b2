"""New versions of an ad's text: rendered beside the requests, based on what was seen, none ever lost."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from nanococoa_backend.ads.models import AdImage, AdVersion
from nanococoa_backend.ads.repository import AdImages, AdVersions
from nanococoa_backend.errors import StoreFull
from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform import scope
from support.dashboard import Browser, Dashboard, open_dashboard, refused
from support.made_ads import ad_of, finished_ad
from support.waiting import until

MOVED = {"edits": {"square": {"headline": {"dx": 4, "color": "#123456"}}}}


class Desk(NamedTuple):
    """An owner with a finished ad."""

    dashboard: Dashboard
    owner: Browser
    business: str
    ad: str

    @property
    def version(self) -> str:
        return str(ad_of(self.dashboard.app, self.business, self.ad).version_id)

    def save(self, order: dict[str, Any], key: str | None = None, base: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"base_version": base or self.version, **order}
        token = {"X-CSRF-Token": self.owner.fresh_token()}
        return self.owner.raw("POST", f"/api/v1/ads/{self.ad}/versions", headers=headers | token, json=body)

    def ended(self, edit: dict[str, Any]) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.owner.api("GET", f"/ads/{self.ad}/edits/{edit['id']}").json()
            return found if found["status"] != "waiting" else None

        found = until(look)
        assert found is not None
        return found

    def saved(self, order: dict[str, Any], **options: Any) -> dict[str, Any]:
        answer = self.save(order, **options)
        assert answer.status_code == 202, answer.text
        done = self.ended(answer.json())
        assert done["status"] == "done", done
        return done

    def files(self, version: str) -> dict[str, uuid.UUID]:
        with self.dashboard.app.state.services.database.begin() as session:
            scope.narrow(session, uuid.UUID(self.business))
            return {image.format: asset.id for image, asset in AdImages(session).of(uuid.UUID(version))}

    def numbers(self) -> list[int]:
        with self.dashboard.app.state.services.database.begin() as session:
            scope.narrow(session, uuid.UUID(self.business))
            return [version.number for version in AdVersions(session).of(uuid.UUID(self.ad))]

    def layer(self, name: str = "square") -> dict[str, Any]:
        found: dict[str, Any] = self.owner.api("GET", f"/ads/{self.ad}/versions/{self.version}/layers/{name}").json()
        return found


def desk_of(dashboard: Dashboard, **order: Any) -> Desk:
    owner = dashboard.owner()
    product = owner.add_product()
    owner.finished_cutout(product)
    business = owner.api("GET", "/business").json()["id"]
    ad = finished_ad(dashboard.app, business, product, **{"formats": ["square", "story"], **order})
    return Desk(dashboard, owner, business, ad)


@pytest.fixture
def desk(dashboard: Dashboard) -> Desk:
    return desk_of(dashboard)


@pytest.fixture
def sqlite_desk(sqlite_dashboard: Dashboard) -> Desk:
    return desk_of(sqlite_dashboard)


def test_an_edit_makes_the_next_version_and_the_first_stays(desk: Desk) -> None:
    first = desk.version
    done = desk.saved(MOVED)
    assert desk.version == done["version_id"] != first
    assert desk.numbers() == [2, 1]
    edits = desk.layer()["edits"]["headline"]
    assert (edits["dx"], edits["color"]) == (4, "#123456")
    assert desk.owner.api("GET", f"/ads/{desk.ad}/versions/{first}/layers/square").json()["edits"] == {}


def test_formats_that_do_not_change_are_taken_over_as_they_are(desk: Desk) -> None:
    before = desk.files(desk.version)
    desk.saved(MOVED)
    after = desk.files(desk.version)
    assert list(after) == list(before) == ["square", "story"]
    assert after["story"] == before["story"]
    assert after["square"] != before["square"]
    assert desk.dashboard.aiserver.rendered[-1].formats == ["square"]


def test_words_for_all_change_every_format(desk: Desk) -> None:
    desk.saved({"fields": {"headline": "새벽에 딴 꿀사과", "price": "9,900원"}, "style": "split"})
    assert sorted(desk.dashboard.aiserver.rendered[-1].formats) == ["square", "story"]
    opened = desk.owner.api("GET", f"/ads/{desk.ad}/editor").json()
    assert (opened["fields"]["headline"], opened["style"], opened["number"]) == ("새벽에 딴 꿀사과", "split", 2)


def test_a_double_press_makes_one_version(desk: Desk) -> None:
    base = desk.version
    first, second = (desk.save(MOVED, key="press-1", base=base) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    desk.ended(first.json())
    assert desk.save(MOVED, key="press-1", base=base).json()["id"] == first.json()["id"]
    assert desk.numbers() == [2, 1]
    assert desk.save({"fields": {"headline": "다른 말"}}, key="press-1", base=base).status_code in (409, 422)


def test_what_somebody_else_saved_meanwhile_is_told_with_a_way_on(desk: Desk) -> None:
    base = desk.version
    theirs = desk.saved(MOVED)
    mine = {"fields": {"headline": "내가 고친 말"}}
    error = refused(desk.save(mine, base=base), 409, "OUTDATED")
    assert error["details"]["current_version"] == theirs["version_id"]
    assert "2판" in error["message"]
    desk.saved(mine, base=error["details"]["current_version"])
    assert desk.numbers() == [3, 2, 1]
    assert desk.layer()["edits"]["headline"]["dx"] == 4


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"edits": {"square": {"headline": {}}}},
        {"edits": {"billboard": {"headline": {"dx": 1}}}},
        {"edits": {"square": {"headline": {"color": "red;}</style><script>"}}}},
        {"edits": {"square": {"nobody": {"dx": 1}}}},
        {"edits": {"square": {"headline": {"dx": 9999}}}},
        {"edits": {"square": {"headline": {"text": "가" * 2001}}}},
        {"fields": {"headline": "가" * 2001}},
        {"formats": ["billboard"], "style": "split"},
        {"base_version": "nothing", "style": "split"},
        {"surprise": 1},
    ],
)
def test_what_can_not_be_rendered_is_refused_with_its_field(sqlite_desk: Desk, order: dict[str, Any]) -> None:
    error = refused(sqlite_desk.save(order), 422, "INVALID_PARAMETER")
    assert error["details"]["fields"]
    assert sqlite_desk.numbers() == [1]


def test_while_the_aiserver_is_away_an_edit_waits_and_is_made_when_it_is_back(desk: Desk) -> None:
    desk.dashboard.aiserver.away = True
    edit = desk.save(MOVED).json()
    until(lambda: desk.owner.api("GET", f"/ads/{desk.ad}/edits/{edit['id']}").json()["tries"] > 1)
    refused(desk.save({"style": "split"}), 409, "OUTDATED")
    assert desk.owner.get(f"/ads/{desk.ad}/edit").headers["location"].endswith(edit["id"])
    desk.dashboard.aiserver.away = False
    assert desk.ended(edit)["status"] == "done"
    assert desk.numbers() == [2, 1]


def test_an_edit_that_waits_can_be_given_up(sqlite_desk: Desk) -> None:
    sqlite_desk.dashboard.aiserver.away = True
    edit = sqlite_desk.save(MOVED).json()
    assert sqlite_desk.owner.api("DELETE", f"/ads/{sqlite_desk.ad}/edits/{edit['id']}").json()["status"] == "failed"
    sqlite_desk.dashboard.aiserver.away = False
    sqlite_desk.saved({"style": "split"})
    assert sqlite_desk.numbers() == [2, 1]


def test_an_ad_can_be_edited_long_after_the_aiserver_forgot_it(desk: Desk) -> None:
    desk.dashboard.aiserver.forget()
    desk.saved(MOVED)
    sent = desk.dashboard.aiserver.rendered[-1]
    assert sent.layer is not None
    assert set(sent.files) >= {sent.layer.cutout}
    plate = desk.owner.get(f"/ads/{desk.ad}/versions/{desk.version}/plate/square")
    assert plate.headers["content-type"].startswith("image/")


def test_an_edit_goes_on_after_the_dashboard_was_started_again(tmp_path: Path, jobs_url: str) -> None:
    with open_dashboard(tmp_path, jobs_url) as before:
        desk = desk_of(before)
        before.aiserver.away = True
        edit, cookies = desk.save(MOVED).json(), desk.owner.cookies
    with open_dashboard(tmp_path, jobs_url) as after:
        owner = after.visitor()
        owner.cookies = cookies
        again = Desk(after, owner, desk.business, desk.ad)
        assert again.ended(edit)["status"] == "done"
        assert again.numbers() == [2, 1]


def test_a_full_disk_puts_an_edit_off_and_leaves_nothing_half_done(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = sqlite_desk.dashboard.app.state.services.store
    put: Any = type(store).put
    full = [True]

    def filling(self: Any, business_id: uuid.UUID, data: bytes, media_type: str) -> str:
        if full[0]:
            raise StoreFull
        return str(put(self, business_id, data, media_type))

    monkeypatch.setattr(type(store), "put", filling)
    edit = sqlite_desk.save(MOVED).json()
    until(lambda: sqlite_desk.owner.api("GET", f"/ads/{sqlite_desk.ad}/edits/{edit['id']}").json()["tries"] > 1)
    assert sqlite_desk.numbers() == [1]
    full[0] = False
    assert sqlite_desk.ended(edit)["status"] == "done"


def test_a_preview_is_measured_and_kept_nowhere(desk: Desk) -> None:
    before = rows(desk)
    order = {"base_version": desk.version, "format": "square", "fields": {"headline": "미리 보는 말"}}
    live = desk.owner.api("POST", f"/ads/{desk.ad}/preview", json=order).json()
    assert "미리 보는 말" in live["html"]
    assert live["plate"].startswith("data:image/png;base64,")
    assert live["checks"]["legibility"]["passed"] is True
    assert rows(desk) == before
    desk.dashboard.aiserver.away = True
    assert desk.owner.api("POST", f"/ads/{desk.ad}/preview", json=order).status_code == 502


def test_a_layer_comes_without_edits_scripts_or_scene(desk: Desk) -> None:
    desk.saved(MOVED)
    live = desk.layer()
    assert "#123456" not in live["html"]
    assert "/artifacts/" not in live["html"]
    assert live["plate"] == f"/ads/{desk.ad}/versions/{desk.version}/plate/square"
    assert desk.owner.get(live["plate"]).status_code == 200
    assert desk.owner.api("GET", f"/ads/{desk.ad}/versions/{desk.version}/layers/billboard").status_code == 404


def test_the_frame_runs_no_script_and_only_our_own_page_may_show_it(sqlite_desk: Desk) -> None:
    answer = sqlite_desk.owner.get("/editor/frame")
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-same-origin" in policy
    assert "allow-scripts" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "default-src 'none'" in policy


def test_letters_are_fetched_as_fonts_and_unknown_families_named(sqlite_desk: Desk) -> None:
    query = "family=NanumGothic&weight=700&text=%EC%82%AC"
    answer = sqlite_desk.owner.api("GET", f"/fonts/subset?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "font/otf")
    assert sqlite_desk.owner.api("GET", "/fonts/subset?family=Comic&text=a").status_code == 422
    assert sqlite_desk.owner.api("GET", "/fonts/subset?family=NanumGothic").status_code == 422


def test_an_earlier_version_is_shown_again_and_none_is_lost(desk: Desk) -> None:
    first = desk.version
    desk.saved(MOVED)
    answer = desk.owner.post(f"/ads/{desk.ad}/edit/restore", {"version_id": first})
    assert answer.headers["location"] == f"/ads/{desk.ad}/edit"
    assert desk.version == first
    assert desk.numbers() == [2, 1]
    assert "그 판을 되살렸어요" in desk.owner.get(f"/ads/{desk.ad}/edit").text


def test_an_ad_without_text_says_that_there_is_nothing_to_edit(sqlite_dashboard: Dashboard) -> None:
    desk = desk_of(sqlite_dashboard, fields={})
    page = desk.owner.get(f"/ads/{desk.ad}/edit")
    assert page.status_code == 409
    assert "고칠 글자가 없어요" in page.text
    refused(desk.owner.api("GET", f"/ads/{desk.ad}/editor"), 409, "NOT_EDITABLE")


# without scripts


def typed(desk: Desk, **values: str) -> dict[str, str]:
    base = {"base_version": desk.version, "format": "square", "key": uuid.uuid4().hex, "scope": "all"}
    return {**base, "words.headline": "산지에서 온 아삭한 부사", "size.headline": "1", **values}


def drawn(desk: Desk, answer: Any) -> None:
    assert answer.status_code == 303, answer.text
    until(lambda: desk.owner.get(answer.headers["location"]).status_code == 303)


def test_the_form_alone_rewords_resizes_recolours_and_leaves_out(desk: Desk) -> None:
    page = desk.owner.get(f"/ads/{desk.ad}/edit").text
    assert 'name="words.headline"' in page
    assert 'name="hidden.price"' in page
    form = typed(
        desk,
        **{
            "words.headline": "새벽에 딴 꿀사과",
            "size.headline": "1.15",
            "recolor.headline": "on",
            "color.headline": "#8f1d14",
            "hidden.price": "on",
        },
    )
    drawn(desk, desk.owner.post(f"/ads/{desk.ad}/edit", form))
    for name in ("square", "story"):
        edits = desk.layer(name)["edits"]
        assert (edits["headline"]["scale"], edits["headline"]["color"]) == (1.15, "#8f1d14")
        assert edits["price"]["hidden"] is True
    assert desk.owner.api("GET", f"/ads/{desk.ad}/editor").json()["fields"]["headline"] == "새벽에 딴 꿀사과"


def test_the_form_changes_one_size_alone(sqlite_desk: Desk) -> None:
    form = typed(sqlite_desk, **{"words.headline": "여기만 다른 말", "scope": "one"})
    drawn(sqlite_desk, sqlite_desk.owner.post(f"/ads/{sqlite_desk.ad}/edit", form))
    assert sqlite_desk.layer("square")["edits"]["headline"]["text"] == "여기만 다른 말"
    assert sqlite_desk.layer("story")["edits"] == {}


@pytest.mark.parametrize(
    "wrong",
    [{"size.headline": "12"}, {"words.headline": "가" * 2001}, {"base_version": "x"}, {"size.headline": "크게"}],
)
def test_a_wrong_form_keeps_what_was_typed(sqlite_desk: Desk, wrong: dict[str, str]) -> None:
    form = typed(sqlite_desk, **{"words.price": "오늘만 9,900원", **wrong})
    answer = sqlite_desk.owner.post(f"/ads/{sqlite_desk.ad}/edit", form)
    assert answer.status_code == 422
    assert "오늘만 9,900원" in answer.text
    assert sqlite_desk.numbers() == [1]


def test_a_form_with_nothing_new_says_so(sqlite_desk: Desk) -> None:
    fields = sqlite_desk.owner.api("GET", f"/ads/{sqlite_desk.ad}/editor").json()["fields"]
    texts = {f"words.{role}": text for role, text in fields.items() if text}
    answer = sqlite_desk.owner.post(f"/ads/{sqlite_desk.ad}/edit", typed(sqlite_desk, **texts))
    assert answer.status_code == 422
    assert "고친 것이 없어요" in answer.text


def test_an_outdated_form_is_told_and_kept(sqlite_desk: Desk) -> None:
    form = typed(sqlite_desk, **{"words.headline": "늦은 말"})
    sqlite_desk.saved(MOVED)
    answer = sqlite_desk.owner.post(f"/ads/{sqlite_desk.ad}/edit", form)
    assert answer.status_code == 409
    assert "2판이 저장됐어요" in answer.text
    assert "늦은 말" in answer.text
    assert f'name="base_version" value="{sqlite_desk.version}"' in answer.text


def rows(desk: Desk) -> list[int | None]:
    """How many versions, files and pictures there are."""
    with desk.dashboard.app.state.services.database.begin() as session:
        scope.narrow(session, uuid.UUID(desk.business))
        return [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (AdVersion, AdImage, Asset)]
