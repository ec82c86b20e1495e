package io.adamant.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.adamant.base.PublicApi;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of one group and what the optimizer remembers about them, as named tensors.
 *
 * @param states names of the state tensors, such as {@code m, v}
 * @param names stable names of the parameters
 * @param parameters their arrays
 * @param tensors for each state name a list parallel to the parameters
 * @param steps () float64: steps taken, counted on the device
 */
@PublicApi
public record OptimizerState(
    List<String> states,
    List<String> names,
    NDList parameters,
    List<NDList> tensors,
    NDArray steps) {

  /** Copies the lists of names. */
  public OptimizerState {
    states = List.copyOf(states);
    names = List.copyOf(names);
    tensors = List.copyOf(tensors);
  }

  /**
   * Every tensor that a checkpoint must hold, by a stable name: {@code parameter/state}, and {@code
   * steps}.
   *
   * @return name to array, in order
   */
  public Map<String, NDArray> named() {
    Map<String, NDArray> named = new LinkedHashMap<>();
    for (int s = 0; s < states.size(); s++) {
      for (int i = 0; i < names.size(); i++) {
        named.put(names.get(i) + "/" + states.get(s), tensors.get(s).get(i));
      }
    }
    named.put("steps", steps);
    return named;
  }

  /**
   * The same state for other handles of the same parameters.
   *
   * @param handles arrays in the order of the names
   * @return a view that shares all state
   */
  public OptimizerState withParameters(NDList handles) {
    return new OptimizerState(states, names, handles, tensors, steps);
  }
}
