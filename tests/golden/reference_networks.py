"""The networks in PyTorch, float64, as functions of their variables and of a batch.

All are perceptrons with two hidden layers, always in training mode. Which normalisation a layer
has shows in its variables. State, such as moving averages, is changed in place.
"""

import torch
from torch.nn.functional import leaky_relu

Variables = dict[str, torch.Tensor]

MOMENTUM, EPSILON = 0.9, 1e-5


def dense(p: Variables, layer: str, x):
    kernel = p[f"{layer}/kernel"]
    if f"{layer}/kernel_left" in p:
        u, v = p[f"{layer}/kernel_left"], p[f"{layer}/kernel_right"]
        kernel = kernel / spectral_norm(kernel.T, u, v)
    return x @ kernel + p.get(f"{layer}/bias", 0.0)


def spectral_norm(matrix, u, v):
    """Miyato et al., 2018, algorithm 1: one power iteration, u^T W v with a gradient to W."""
    with torch.no_grad():
        v.copy_(unit(matrix.T @ u))
        u.copy_(unit(matrix @ v))
    # Copies, since the next pass changes both before this one is differentiated.
    return u.clone() @ matrix @ v.clone()


def converge(p: Variables) -> None:
    """Singular vectors of averaged kernels, of either sign: the mean of unit vectors is none."""
    for name in [name for name in p if name.endswith("/kernel_left")]:
        left, _, right = torch.linalg.svd(p[name.removesuffix("_left")].T)
        p[name].copy_(left[:, 0])
        p[name.replace("left", "right")].copy_(right[0])


def unit(vector):
    return vector / vector.norm()


def normalize(p: Variables, layer: str, x, given):
    if f"{layer}/moving_mean" in p:
        mean, variance = x.mean(0), x.var(0, correction=0)
        with torch.no_grad():
            p[f"{layer}/moving_mean"].mul_(MOMENTUM).add_(mean, alpha=1 - MOMENTUM)
            p[f"{layer}/moving_variance"].mul_(MOMENTUM).add_(variance, alpha=1 - MOMENTUM)
    elif f"{layer}/gamma" in p:
        mean, variance = x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)
    else:
        return x
    normalized = (x - mean) / torch.sqrt(variance + EPSILON)
    if f"{layer}/gamma_kernel" in p:
        # de Vries et al., 2017: scale and shift of a class, around those of no normalisation.
        gamma, beta = 1 + given @ p[f"{layer}/gamma_kernel"], given @ p[f"{layer}/beta_kernel"]
    else:
        gamma, beta = p[f"{layer}/gamma"], p[f"{layer}/beta"]
    return gamma * normalized + beta


def hidden_layers(p: Variables, x, slope: float, given=None):
    for i in (1, 2):
        x = leaky_relu(normalize(p, f"norm_{i}", dense(p, f"dense_{i}", x), given), slope)
    return x


def generate(p: Variables, latents, given=None):
    """A condition goes to the normalisation if that takes one, otherwise beside the latents."""
    if given is not None and "norm_1/gamma_kernel" not in p:
        latents = torch.cat([latents, given], dim=1)
    return dense(p, "output", hidden_layers(p, latents, slope=0.0, given=given))


def features(p: Variables, x):
    return hidden_layers(p, x, slope=0.2)


def plain(p: Variables, x, given):
    return {"logits": dense(p, "logits", features(p, x))}


def conditional(p: Variables, x, given):
    """Mirza & Osindero, 2014."""
    return plain(p, torch.cat([x, given], dim=1), None)


def projection(p: Variables, x, given):
    """Miyato & Koyama, 2018, equation 8."""
    phi = features(p, x)
    product = (dense(p, "embedding", given) * phi).sum(1, keepdim=True)
    return {"logits": dense(p, "psi", phi) + product}


def classifier(p: Variables, x, given):
    """Odena et al., 2017."""
    phi = features(p, x)
    return {"logits": dense(p, "logits", phi), "classes": dense(p, "classes", phi)}


def posterior(p: Variables, x, given):
    """Chen et al., 2016, appendix C.1: Q has a hidden layer of its own."""
    phi = features(p, x)
    own = normalize(p, "posterior_norm", dense(p, "posterior_dense", phi), None)
    return {
        "logits": dense(p, "logits", phi),
        "posterior": dense(p, "posterior", leaky_relu(own, 0.2)),
    }


def squared_error_autoencoder(p: Variables, x, given):
    """Zhao et al., 2017: the energy is the squared error, summed over an example."""
    encoding, decoded = autoencode(p, x)
    return {"logits": -(x - decoded).square().sum(1, keepdim=True), "encoding": encoding}


def absolute_error_autoencoder(p: Variables, x, given):
    """Berthelot et al., 2017, equation 1 with eta = 1, per pixel."""
    encoding, decoded = autoencode(p, x)
    return {"logits": -(x - decoded).abs().mean(1, keepdim=True), "encoding": encoding}


def autoencode(p: Variables, x):
    encoding = dense(p, "encoding", features(p, x))
    prefix = "decoder/"
    decoder = {k.removeprefix(prefix): v for k, v in p.items() if k.startswith(prefix)}
    # Only its output layer has a name that the encoder does not use.
    decoder["output/kernel"], decoder["output/bias"] = p["output/kernel"], p["output/bias"]
    return encoding, generate(decoder, encoding)
