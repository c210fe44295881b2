"""The plain tensors inside any tensor, and the same tensor around others.

A quantized weight is a tensor subclass holding several plain tensors: torchao's flatten into them, bitsandbytes' keep
a state beside their data. Copies are made part by part, so that every kind survives a trip to the device exactly.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import is_traceable_wrapper_subclass

Move: TypeAlias = Callable[[Tensor], Tensor]


def parts(tensor: Tensor) -> Iterator[Tensor]:
    """Every plain tensor that ``tensor`` is made of, itself if it is plain."""
    if is_traceable_wrapper_subclass(tensor):
        names, _ = tensor.__tensor_flatten__()
        for name in names:
            yield from parts(getattr(tensor, name))
        return
    yield plain(tensor)
    for value in _kept_beside(tensor).values():
        yield from _tensors_in(value)


def rebuild(tensor: Tensor, move: Move) -> Tensor:
    """A tensor of the same kind whose every plain part went through ``move``; a parameter stays a parameter."""
    moved = _rebuild_data(tensor, move)
    if isinstance(tensor, nn.Parameter) and not isinstance(moved, nn.Parameter):
        return nn.Parameter(moved, requires_grad=False)
    return moved


def plain(tensor: Tensor) -> Tensor:
    """The data alone, without the subclass around it and without gradients."""
    return tensor.detach().as_subclass(torch.Tensor)


def _rebuild_data(tensor: Tensor, move: Move) -> Tensor:
    if is_traceable_wrapper_subclass(tensor):
        names, context = tensor.__tensor_flatten__()
        inner = {name: rebuild(getattr(tensor, name), move) for name in names}
        return type(tensor).__tensor_unflatten__(inner, context, tensor.size(), tensor.stride())
    moved = move(plain(tensor))
    if type(tensor) in (torch.Tensor, nn.Parameter):
        return moved
    moved = moved.as_subclass(type(tensor))
    moved.__dict__.update({name: _moved(value, move) for name, value in _kept_beside(tensor).items()})
    return moved


def _kept_beside(tensor: Tensor) -> dict[str, Any]:
    """Attributes of a subclass' instance: bitsandbytes keeps its ``quant_state`` so, GGUF its type."""
    return {} if type(tensor) in (torch.Tensor, nn.Parameter) else dict(tensor.__dict__)


def _tensors_in(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield from parts(value)
    elif _is_state(value):
        for inner in vars(value).values():
            yield from _tensors_in(inner)


def _moved(value: Any, move: Move) -> Any:
    """A copy, since bitsandbytes' own ``to`` changes the state that the original still needs."""
    if isinstance(value, Tensor):
        return rebuild(value, move)
    if not _is_state(value):
        return value
    twin = copy.copy(value)
    vars(twin).update({name: _moved(inner, move) for name, inner in vars(value).items()})
    return twin


def _is_state(value: Any) -> bool:
    return type(value).__name__ == "QuantState"
