package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.List;

/** A part of the GPT: the parameters that its kernels take, in their order. */
final class GptPart {

  private final List<Parameter> weights = new ArrayList<>();
  private final NDList gradients = new NDList();

  /**
   * Adds a parameter.
   *
   * @param name stable name, unique in the model
   * @param initializer its first value
   * @param shape its shape
   */
  void add(String name, Initializer initializer, Shape shape) {
    weights.add(
        Parameter.builder()
            .setName(name)
            .setType(Parameter.Type.WEIGHT)
            .optShape(shape)
            .optInitializer(initializer)
            .build());
  }

  /** Parameters in the order of the kernels' arguments. */
  List<Parameter> weights() {
    return weights;
  }

  /** One of their arrays. */
  NDArray array(int index) {
    return weights.get(index).getArray();
  }

  /** Their arrays. */
  NDList arrays() {
    return new NDList(weights.stream().map(Parameter::getArray).toArray(NDArray[]::new));
  }

  /** Handles of their gradients; the parameters must require gradients. */
  NDList gradients() {
    if (gradients.isEmpty()) {
      weights.forEach(weight -> gradients.add(Autograd.gradient(weight.getArray())));
    }
    return gradients;
  }
}
