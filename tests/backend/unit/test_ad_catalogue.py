"""What the maker offers before the aiserver has answered is what the aiserver would tell."""

from __future__ import annotations

from nanococoa_aiserver.ads.formats import load_formats
from nanococoa_aiserver.engines.studio.scenes.paint import load_scenes
from nanococoa_aiserver.layout.styles.model import STYLES
from nanococoa_backend.ads.catalogue import CatalogueWatch, built_in, format_title, group_of, outline
from nanococoa_backend.platform.statics import Statics
from nanococoa_client.fake import FakeAiserver
from nanococoa_client.schemas import Resources


def test_the_built_in_catalogue_is_the_aiservers_own() -> None:
    kept = built_in()
    assert list(kept.formats) == list(load_formats().values())
    assert list(kept.styles) == list(STYLES)
    assert sorted(kept.scenes) == sorted(load_scenes())


def test_every_scene_has_a_picture_and_every_placement_a_group() -> None:
    statics = Statics()
    assert all(statics.url(f"img/scene/{name}.webp") for name in built_in().scenes)
    assert "other" not in {group_of(spec.name) for spec in built_in().formats}


def test_outlines_keep_their_ratio_and_can_always_be_seen() -> None:
    assert outline(1080, 1080) == {"x": 2.0, "y": 2.0, "width": 24.0, "height": 24.0}
    assert outline(728, 90)["height"] == 3.0


def test_a_placement_without_words_and_an_unknown_one_have_names() -> None:
    assert format_title(built_in(), "google_square-no-text", "ko") == "구글 반응형 정사각형, 글자 없음"
    assert format_title(built_in(), "hologram", "en") == "hologram"


async def test_an_aiserver_that_tells_no_scene_leaves_the_built_in_ones() -> None:
    class Sceneless(FakeAiserver):
        async def resources(self) -> Resources:
            return (await super().resources()).model_copy(update={"scenes": []})

    watch = CatalogueWatch(Sceneless())
    assert await watch.learn()
    assert watch.now.scenes == built_in().scenes
