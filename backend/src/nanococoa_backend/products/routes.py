"""Pages of products: the shelf, adding one, its cut-out and its facts."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.errors import InvalidField, InvalidPicture, TooLarge
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.forms import FileOnly, Form, empty, form_of
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.paging import cursor_after, place_of
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_backend.products.models import Product
from nanococoa_backend.products.schemas import BoxIn, ProductFacts
from nanococoa_backend.products.service import ProductService

router = APIRouter(include_in_schema=False)

PAGE = 24


def viewing_service(session: SessionDep, media: MediaDep, services: ServicesDep, visit: ShopDep) -> ProductService:
    return ProductService(session, media, visit.business.id, visit.user.id, services.cutting)


def editing_service(session: SessionDep, media: MediaDep, services: ServicesDep, visit: EditorDep) -> ProductService:
    return ProductService(session, media, visit.business.id, visit.user.id, services.cutting)


Viewing = Annotated[ProductService, Depends(viewing_service)]
Editing = Annotated[ProductService, Depends(editing_service)]
FactsForm = Annotated[Form[ProductFacts], Depends(form_of(ProductFacts))]
PhotoForm = Annotated[Form[FileOnly], Depends(form_of(FileOnly))]
BoxForm = Annotated[Form[BoxIn], Depends(form_of(BoxIn))]


@router.get("/products")
def shelf(request: Request, services: ServicesDep, products: Viewing, q: str = "", after: str = "") -> Response:
    rows = products.products.shelf(PAGE + 1, place_of(after), q.strip()[:80])
    more = cursor_after(rows[PAGE - 1][0]) if len(rows) > PAGE else None
    return services.pages.render(request, "products/shelf.html", rows=rows[:PAGE], more=more, q=q.strip()[:80])


@router.get("/products/new")
def new_page(request: Request, services: ServicesDep, _visit: EditorDep) -> Response:
    return services.pages.render(request, "products/new.html", form=empty(request))


@router.post("/products/new")
def new(services: ServicesDep, visit: EditorDep, products: Editing, form: FactsForm) -> Response:
    services.rates.count(rates.PICTURES_OF_BUSINESS, visit.business.id)
    if "photo" not in form.files:
        form.refuse(InvalidField(photo="photo_missing"))
    if form.errors:
        return services.pages.render(form.request, "products/new.html", 422, form=form)
    try:
        product = products.add(form.model, form.files["photo"])
    except (InvalidPicture, TooLarge) as error:
        form.errors["photo"] = error.message(locale_of(form.request))
        return services.pages.render(form.request, "products/new.html", error.status, form=form)
    return go_on(f"/products/{product.id}")


@router.get("/products/{product_id}")
def product_page(
    request: Request, services: ServicesDep, products: Viewing, media: MediaDep, product_id: uuid.UUID
) -> Response:
    product = products.products.live(product_id)
    return _product(services, products, media, product, empty(request, **_values(product)))


@router.post("/products/{product_id}")
def save(services: ServicesDep, products: Editing, media: MediaDep, product_id: uuid.UUID, form: FactsForm) -> Response:
    product = products.products.live(product_id)
    if form.errors:
        return _product(services, products, media, product, form, 422)
    products.change(product, form.model)
    return go_on(f"/products/{product.id}", "saved")


@router.post("/products/{product_id}/photo")
def another_photo(
    services: ServicesDep, visit: EditorDep, products: Editing, product_id: uuid.UUID, form: PhotoForm
) -> Response:
    product = products.products.live(product_id)
    services.rates.count(rates.PICTURES_OF_BUSINESS, visit.business.id)
    try:
        products.replace_photo(product, form.files.get("photo", b""))
    except (InvalidPicture, TooLarge):
        return go_on(f"/products/{product.id}", "photo_wrong")
    return go_on(f"/products/{product.id}")


@router.post("/products/{product_id}/box")
def box(products: Editing, product_id: uuid.UUID, form: BoxForm) -> Response:
    product = products.products.live(product_id)
    try:
        products.cut_within(product, form.model)
    except InvalidField:
        return go_on(f"/products/{product.id}", "box_wrong")
    return go_on(f"/products/{product.id}")


@router.post("/products/{product_id}/confirm")
def confirm(products: Editing, product_id: uuid.UUID) -> Response:
    product = products.products.live(product_id)
    products.confirm(product)
    return go_on("/products", "cutout_kept")


@router.post("/products/{product_id}/again")
def again(products: Editing, product_id: uuid.UUID) -> Response:
    product = products.products.live(product_id)
    products.try_again(product)
    return go_on(f"/products/{product.id}")


@router.post("/products/{product_id}/cutouts/{cutout_id}")
def use(products: Editing, product_id: uuid.UUID, cutout_id: uuid.UUID) -> Response:
    product = products.products.live(product_id)
    products.use(product, cutout_id)
    return go_on(f"/products/{product.id}", "cutout_restored")


@router.post("/products/{product_id}/delete")
def delete(products: Editing, product_id: uuid.UUID) -> Response:
    product = products.products.live(product_id)
    products.delete(product)
    return go_on("/products", "product_deleted", detail=str(product.id))


@router.post("/products/{product_id}/restore")
def restore(products: Editing, product_id: uuid.UUID) -> Response:
    return go_on(f"/products/{products.restore(product_id).id}", "product_restored")


def _values(product: Product) -> dict[str, str]:
    price = "" if product.price is None else f"{product.price:,}"
    return {"name": product.name, "price": price, "unit": product.unit, "notes": product.notes}


def _product(
    services: Services, products: ProductService, media: MediaDep, product: Product, form: Form[Any], status: int = 200
) -> Response:
    cutout = products.cutouts.of(product)
    asset = media.get(cutout.asset_id) if cutout and cutout.asset_id else None
    versions = [one for one in products.cutouts.versions(product.id) if one.photo_id == product.photo_id]
    return services.pages.render(
        form.request,
        "products/product.html",
        status,
        form=form,
        product=product,
        photo=media.get(product.photo_id),
        cutout=cutout,
        asset=asset,
        versions=[one for one in versions if cutout is None or one.id != cutout.id],
    )
