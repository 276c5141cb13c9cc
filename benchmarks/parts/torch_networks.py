"""The networks of `models/` as one writes them in PyTorch, with the weights of Keras' copied.

Only what `torch_step.py` compares: DCGAN with batch normalisation in the generator and none or
spectral normalisation in the discriminator, and R3GAN.
"""

from __future__ import annotations

import keras
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from tfgan_losses.types import TensorLike

_SLOPE = 0.2


def dcgan(network: keras.Model) -> nn.Sequential:
    """Returns a generator or a discriminator of `models.dcgan`, layer by layer."""
    modules: list[nn.Module] = []
    for layer in network.layers:
        modules += _modules(layer)
    return nn.Sequential(*modules)


def _modules(layer: keras.Layer) -> list[nn.Module]:
    match layer:
        case keras.layers.InputLayer():
            return []
        case keras.layers.Dense() | keras.layers.Conv2D() | keras.layers.Conv2DTranspose():
            return [_linear(layer)]
        case keras.layers.Wrapper():  # SpectralNormalization
            return [_normalized(layer)]
        case keras.layers.Reshape(target_shape=(height, width, channels)):
            return [nn.Unflatten(1, (height, width, channels)), _ChannelsFirst()]
        case keras.layers.Flatten():
            return [_ChannelsLast(), nn.Flatten()]
        case keras.layers.BatchNormalization():
            module = nn.BatchNorm2d(layer.gamma.shape[0], layer.epsilon, 1 - layer.momentum)
            return [_with_scale(module, layer)]
        case keras.layers.GroupNormalization():
            module = nn.GroupNorm(layer.groups, layer.gamma.shape[0], layer.epsilon)
            return [_with_scale(module, layer)]
        case keras.layers.Activation():
            return [nn.Tanh()]
    slope = getattr(layer, "negative_slope", None)
    if slope is None:
        raise ValueError(f"Expected a layer of models.dcgan. Received: {layer}")
    return [nn.LeakyReLU(float(slope)) if slope else nn.ReLU()]


def _with_scale(module: nn.Module, layer: keras.Layer) -> nn.Module:
    _set(module.weight, layer.gamma)
    _set(module.bias, layer.beta)
    return module


class _ChannelsFirst(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 3, 1, 2)


class _ChannelsLast(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1)


def _linear(layer: keras.Layer) -> nn.Module:
    kernel, bias = layer.kernel, layer.bias is not None
    if isinstance(layer, keras.layers.Dense):
        module = nn.Linear(*kernel.shape, bias=bias)
    elif isinstance(layer, keras.layers.Conv2DTranspose):
        # Kernels are [height, width, outputs, inputs].
        size, _, outputs, inputs = kernel.shape
        module = nn.ConvTranspose2d(inputs, outputs, size, 2, padding=1, bias=bias)
    else:
        size, _, inputs, outputs = kernel.shape
        padding = 1 if layer.padding == "same" and size > 1 else 0
        groups = layer.groups
        module = nn.Conv2d(
            inputs * groups, outputs, size, layer.strides, padding, groups=groups, bias=bias
        )
    weight = np.transpose(_array(kernel))
    # [..., width, height] -> [..., height, width]
    _set(module.weight, np.swapaxes(weight, 2, 3) if weight.ndim == 4 else weight)
    if bias:
        _set(module.bias, layer.bias)
    return module


def _normalized(wrapper: keras.layers.Wrapper) -> nn.Module:
    module = spectral_norm(_linear(wrapper.layer))
    state = module.parametrizations.weight[0]
    kernel = wrapper.layer.kernel
    _set(state._u, wrapper.left_vectors[0])
    # Columns are [height, width, inputs] in Keras, [inputs, height, width] in PyTorch.
    right = wrapper.right_vectors[0].numpy().reshape(kernel.shape[:-1])
    _set(state._v, np.moveaxis(right, -1, 0).ravel())
    return module


def _set(target: torch.Tensor, values: TensorLike) -> None:
    with torch.no_grad():
        target.copy_(torch.from_numpy(_array(values)))


def _array(values: TensorLike) -> np.ndarray:
    return np.ascontiguousarray(keras.ops.convert_to_numpy(values))


class R3GANGenerator(nn.Module):
    """The generator of `models.r3gan`: a basis scaled by the latents, then stages."""

    def __init__(self, network: keras.Model):
        super().__init__()
        self.scales = _linear(network.get_layer("channel_scales"))
        kernel = _array(network.get_layer("basis").kernel)
        self.basis = nn.Parameter(torch.from_numpy(np.moveaxis(kernel, -1, 0).copy()))
        self.stages = nn.ModuleList(_stages(network))
        self.output = _linear(network.get_layer("output"))

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        x = self.scales(latents)[:, :, None, None] * self.basis
        for index, stage in enumerate(self.stages):
            if index:
                x = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = stage(x)
        return self.output(x)


class R3GANDiscriminator(nn.Module):
    """The discriminator of `models.r3gan`: stages, then a depthwise basis and a linear layer."""

    def __init__(self, network: keras.Model):
        super().__init__()
        self.from_image = _linear(network.get_layer("from_image"))
        self.stages = nn.ModuleList(_stages(network))
        kernel = network.get_layer("basis").kernel  # [4, 4, channels, 1]
        channels = kernel.shape[2]
        self.basis = nn.Conv2d(channels, channels, 4, groups=channels, bias=False)
        _set(self.basis.weight, np.transpose(_array(kernel), (2, 3, 0, 1)))
        self.logits = _linear(network.get_layer("logits"))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.from_image(images)
        for index, stage in enumerate(self.stages):
            if index:
                x = functional.avg_pool2d(x, 2)
            x = stage(x)
        return self.logits(self.basis(x).flatten(1))


def _stages(network: keras.Model) -> list[nn.Module]:
    """Returns one block for each stage, in the order in which the network has them."""
    ends = [x.name for x in network.layers if x.name.endswith("_add")]
    return [_Block(network, name.removesuffix("_add")) for name in ends]


class _Block(nn.Module):
    def __init__(self, network: keras.Model, name: str):
        super().__init__()
        self.conv_1, self.conv_2, self.conv_3 = (
            _linear(network.get_layer(f"{name}_conv_{number}")) for number in (1, 2, 3)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.leaky_relu(self.conv_1(x), _SLOPE)
        y = functional.leaky_relu(self.conv_2(y), _SLOPE)
        return x + self.conv_3(y)
