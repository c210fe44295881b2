"""Products by API: what the pages do, as JSON under /api/v1."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from nanococoa_backend.businesses.visits import EditorDep
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.paging import Cursor, Limit, cursor_after, place_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.products.models import Cutout, Product
from nanococoa_backend.products.routes import Editing, Viewing
from nanococoa_backend.products.schemas import BoxIn, CutoutView, ProductFacts, ProductPage, ProductView

router = APIRouter(prefix="/api/v1/products", tags=["products"])

Photo = Annotated[UploadFile, File(description="JPG, PNG, WebP or HEIC, 20 MB and 25 megapixels at most")]
Strokes = Annotated[
    UploadFile, File(description="PNG over the whole cut-out: white paint adds, black removes, transparent leaves")
]


@router.get("", summary="List the products of the business", responses=errors(401, 409, 422))
def list_products(
    products: Viewing,
    limit: Limit = 24,
    cursor: Cursor = None,
    q: Annotated[str, Query(max_length=80, description="Only names that contain this")] = "",
) -> ProductPage:
    """Newest first, each with the cut-out that ads use; deleted ones are left out."""
    rows = products.products.shelf(limit + 1, place_of(cursor), q)
    more = cursor_after(rows[limit - 1][0]) if len(rows) > limit else None
    return ProductPage(products=[view_of(product, cutout) for product, cutout, _ in rows[:limit]], next_cursor=more)


@router.post(
    "", status_code=201, summary="Add a product with its photo", responses=errors(400, 401, 403, 413, 422, 429)
)
def add_product(
    services: ServicesDep, visit: EditorDep, products: Editing, photo: Photo, facts: Annotated[ProductFacts, Form()]
) -> ProductView:
    """Stores the photo and asks for its cut-out, which is `pending` in the answer: read the product again for it."""
    services.rates.count(rates.PICTURES_OF_BUSINESS, visit.business.id)
    product = products.add(facts, photo.file.read())
    return view_of(product, products.cutouts.of(product))


@router.get("/{product_id}", summary="Read one product", responses=errors(401, 404))
def get_product(products: Viewing, product_id: uuid.UUID) -> ProductView:
    """The product's facts, its photo, and the state of its cut-out."""
    product = products.products.live(product_id)
    return view_of(product, products.cutouts.of(product))


@router.put("/{product_id}", summary="Change a product's facts", responses=errors(401, 403, 404, 422))
def change_product(products: Editing, product_id: uuid.UUID, facts: ProductFacts) -> ProductView:
    """All facts are replaced by what is sent; photo and cut-out stay. Ads made before do not change."""
    product = products.products.live(product_id)
    products.change(product, facts)
    return view_of(product, products.cutouts.of(product))


@router.delete("/{product_id}", status_code=204, summary="Delete a product", responses=errors(401, 403, 404))
def delete_product(products: Editing, product_id: uuid.UUID) -> Response:
    """It leaves the list and can be brought back for seven days."""
    products.delete(products.products.live(product_id))
    return Response(status_code=204)


@router.post("/{product_id}/restore", summary="Bring back a deleted product", responses=errors(401, 403, 404))
def restore_product(products: Editing, product_id: uuid.UUID) -> ProductView:
    """Within seven days of its deletion; 404 after that."""
    product = products.restore(product_id)
    return view_of(product, products.cutouts.of(product))


@router.post(
    "/{product_id}/cutout/box", status_code=202, summary="Look again inside a box", responses=errors(401, 403, 404, 422)
)
def cut_within(products: Editing, product_id: uuid.UUID, box: BoxIn) -> CutoutView:
    """For when the product was not found or not found whole: a new cut-out is made inside the box."""
    cutout = products.cut_within(products.products.live(product_id), box)
    return CutoutView.model_validate(cutout)


@router.post(
    "/{product_id}/cutout/strokes", summary="Fix a cut-out by brush", responses=errors(400, 401, 403, 404, 409, 413)
)
def touch_up(
    products: Editing,
    product_id: uuid.UUID,
    strokes: Strokes,
    base: Annotated[uuid.UUID, Form(description="The cut-out that was painted on; 409 when there is a newer one")],
) -> CutoutView:
    """Applies the paint to the cut-out at its full size and keeps the result for every later ad."""
    return CutoutView.model_validate(products.touch_up(products.products.live(product_id), base, strokes.file.read()))


@router.post("/{product_id}/cutout/confirm", summary="Say that a cut-out is good", responses=errors(401, 403, 404, 409))
def confirm(products: Editing, product_id: uuid.UUID) -> ProductView:
    """Its verdict becomes `confirmed`: it is no longer among what needs a look."""
    product = products.products.live(product_id)
    products.confirm(product)
    return view_of(product, products.cutouts.of(product))


def view_of(product: Product, cutout: Cutout | None) -> ProductView:
    """A product as the API tells it."""
    view = ProductView.model_validate(product)
    view.cutout = CutoutView.model_validate(cutout) if cutout else None
    return view
