package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A part of the GPT: the parameters that its kernels take, in their order. One that the model has
 * not is an empty array, one that another part has as well is the same parameter.
 */
final class GptPart {

  private final NDArray none;
  private final List<Optional<Parameter>> weights = new ArrayList<>();
  private final NDList gradients = new NDList();

  /**
   * A part without parameters.
   *
   * @param none stands for a parameter that the model has not, (0)
   */
  GptPart(NDArray none) {
    this.none = none;
  }

  /**
   * A new parameter.
   *
   * @param name stable name, unique in the model
   * @param initializer its first value
   * @param shape its shape
   */
  static Parameter parameter(String name, Initializer initializer, Shape shape) {
    return Parameter.builder()
        .setName(name)
        .setType(Parameter.Type.WEIGHT)
        .optShape(shape)
        .optInitializer(initializer)
        .build();
  }

  /** Adds what the kernels take next. */
  void add(Optional<Parameter> weight) {
    weights.add(weight);
  }

  /** Their arrays. */
  NDList arrays() {
    return arrays(Parameter::getArray);
  }

  /** Arrays that take their place. */
  NDList arrays(Function<Parameter, NDArray> values) {
    return new NDList(
        weights.stream().map(weight -> weight.map(values).orElse(none)).toArray(NDArray[]::new));
  }

  /** Handles of their gradients; the parameters must require gradients. */
  NDList gradients() {
    if (gradients.isEmpty()) {
      arrays().forEach(array -> gradients.add(array == none ? none : Autograd.gradient(array)));
    }
    return gradients;
  }
}
