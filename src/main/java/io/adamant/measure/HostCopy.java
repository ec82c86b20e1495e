package io.adamant.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects float64 results on the device, to wait for it and read from it once. */
final class HostCopy {

  private final NDManager scope;
  private final NDList parts = new NDList();
  private final List<Integer> ends = new ArrayList<>();
  private double[] values;

  /** Results are owned by {@code scope} from when they are added. */
  HostCopy(NDManager scope) {
    this.scope = scope;
  }

  /** Adds a result of any shape and returns its number. */
  int add(NDArray array) {
    array.attach(scope);
    NDArray flat = array.flatten();
    flat.attach(scope);
    parts.add(flat);
    ends.add((ends.isEmpty() ? 0 : ends.get(ends.size() - 1)) + Math.toIntExact(flat.size()));
    return parts.size() - 1;
  }

  /** The values of a result, row by row; the first call copies all that was added. */
  double[] get(int number) {
    if (values == null) {
      NDArray all = NDArrays.concat(parts);
      all.attach(scope);
      values = all.toDoubleArray();
    }
    return Arrays.copyOfRange(values, number == 0 ? 0 : ends.get(number - 1), ends.get(number));
  }
}
