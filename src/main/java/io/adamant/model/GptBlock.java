package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of the GPT as a DJL block: it owns parameters with stable names, and one kernel call does
 * its arithmetic.
 */
abstract class GptBlock extends AbstractBlock {

  private final List<Parameter> weights = new ArrayList<>();
  private final NDList gradients = new NDList();

  /**
   * Adds a parameter.
   *
   * @param name stable name, unique in the model
   * @param initializer its first value
   * @param shape its shape
   */
  final void weight(String name, Initializer initializer, Shape shape) {
    weights.add(
        addParameter(
            Parameter.builder()
                .setName(name)
                .setType(Parameter.Type.WEIGHT)
                .optShape(shape)
                .optInitializer(initializer)
                .build()));
  }

  /** Parameters in the order of the kernel's arguments. */
  final List<Parameter> weights() {
    return weights;
  }

  /** Their arrays, for our own loop, which knows no parameter store. */
  final NDArray[] arrays() {
    return weights.stream().map(Parameter::getArray).toArray(NDArray[]::new);
  }

  /** Their arrays as a list. */
  final NDList list() {
    return new NDList(arrays());
  }

  /** Handles of their gradients; the parameters must require gradients. */
  final NDList gradients() {
    if (gradients.isEmpty()) {
      weights.forEach(weight -> gradients.add(Autograd.gradient(weight.getArray())));
    }
    return gradients;
  }

  /**
   * The block's arithmetic.
   *
   * @param step owner of the result
   * @param input the block's input
   * @param arrays the parameters, in order
   * @return the block's output
   */
  abstract NDArray apply(NDManager step, NDArray input, NDArray[] arrays);

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    NDArray[] arrays =
        weights.stream()
            .map(weight -> store.getValue(weight, x.getDevice(), training))
            .toArray(NDArray[]::new);
    return new NDList(apply(x.getManager(), x, arrays));
  }
}
