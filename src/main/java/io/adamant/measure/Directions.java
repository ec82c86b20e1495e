package io.adamant.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.optim.ParameterGroup;
import java.util.List;

/** Vectors over all parameters, in the order of the groups. */
final class Directions {

  private Directions() {}

  /**
   * What the last step moved the weights along, w &larr; w &minus; &eta;u, rate scales included.
   */
  static NDList ofUpdate(NDManager scope, List<ParameterGroup> groups) {
    NDList u = new NDList();
    for (ParameterGroup group : groups) {
      for (NDArray direction : group.optimizer().directions(group.state(), group.gradients())) {
        direction.attach(scope);
        u.add(group.lrScale() == 1 ? direction : direction.muli(group.lrScale()));
      }
    }
    return u;
  }
}
