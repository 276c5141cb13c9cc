"""A small frozen graph with the node names of the canonical one, and some of its old ways."""

import io
import tarfile

import numpy as np
import tensorflow as tf

SIZE, FEATURES, CLASSES = 299, 12, 5


def graph_def(seed=0, *, second_pooling=False):
    """As classify_image_graph_def.pb: of one image, shapes written down, old normalisation.

    Args:
        seed: Of the weights.
        second_pooling: Whether there is a `pool_1`, which leaves everything as it is.
    """
    generator = np.random.default_rng(seed)

    def constant(*shape, name):
        return tf.constant(generator.normal(size=shape).astype("float32") * 0.3, name=name)

    with tf.Graph().as_default() as graph:
        contents = tf.compat.v1.placeholder(tf.string, [], name="DecodeJpeg/contents")
        image = tf.cast(tf.io.decode_jpeg(contents, 3, name="DecodeJpeg"), tf.float32, name="Cast")
        batch = tf.expand_dims(image, 0, name="ExpandDims")
        size = tf.constant([SIZE, SIZE], name="ResizeBilinear/size")
        resized = tf.compat.v1.image.resize_bilinear(batch, size, name="ResizeBilinear")
        centred = tf.subtract(resized, 128.0, name="Sub")
        scaled = tf.multiply(centred, 1 / 128, name="Mul")
        kernel = constant(13, 13, 3, FEATURES, name="conv/conv2d_params")
        hidden = tf.nn.conv2d(scaled, kernel, 13, "VALID", name="conv/Conv2D")
        for name in ("mean", "variance", "beta", "gamma"):
            tf.constant(
                generator.uniform(0.5, 1.5, FEATURES).astype("float32"), name=f"conv/{name}"
            )
        hidden = tf.nn.relu(tf.identity(hidden, name="conv/batchnorm"), name="conv")
        if second_pooling:
            hidden = tf.nn.max_pool2d(hidden, 1, 1, "VALID", name="pool_1")
        pooled = tf.nn.avg_pool2d(hidden, 23, 1, "VALID", name="pool_3")
        flat = tf.reshape(pooled, [1, FEATURES], name="pool_3/_reshape")
        weights = constant(FEATURES, CLASSES, name="softmax/weights")
        logits = tf.matmul(flat, weights, name="softmax/logits/MatMul")
        biased = tf.add(logits, constant(CLASSES, name="softmax/biases"), name="softmax/logits")
        tf.nn.softmax(biased, name="softmax")
    definition = graph.as_graph_def(add_shapes=True)
    node = next(node for node in definition.node if node.name == "conv/batchnorm")
    node.op = "BatchNormWithGlobalNormalization"
    node.input.extend(f"conv/{name}" for name in ("mean", "variance", "beta", "gamma"))
    node.attr["variance_epsilon"].f = 0.001
    node.attr["scale_after_normalization"].b = True
    definition.versions.producer = 8  # Since the next one, that operation is refused.
    return definition


def write(path, definition=None):
    path.write_bytes((definition or graph_def()).SerializeToString())
    return path


def write_archive(path, files):
    """Writes a .tgz of contents by name."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def as_the_authors_do(path, images):
    """`pool_3` and the logits without bias in a session, fed image by image at ExpandDims:0.

    As get_activations of TTUR's fid.py and get_softmax of the score do it.
    """
    definition = tf.compat.v1.GraphDef()
    definition.ParseFromString(path.read_bytes())
    features = []
    with tf.Graph().as_default() as graph:
        tf.graph_util.import_graph_def(definition, name="FID_Inception_Net")
        with tf.compat.v1.Session(graph=graph) as session:
            for image in images:
                found = session.run(
                    "FID_Inception_Net/pool_3:0",
                    {"FID_Inception_Net/ExpandDims:0": image[None].astype("float32")},
                )
                features.append(found.reshape(-1))
            weights = graph.get_operation_by_name("FID_Inception_Net/softmax/logits/MatMul")
            weights = session.run(weights.inputs[1])
    return np.stack(features), np.stack(features) @ weights
