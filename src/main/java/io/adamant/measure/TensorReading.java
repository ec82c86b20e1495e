package io.adamant.measure;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.optim.ParameterGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What was read of one parameter after a step.
 *
 * @param parameters the group that shares its optimizer, rate and decay
 * @param name its stable name
 * @param sums over its coordinates
 * @param micro inner products of the step's micro-batch gradients, where there were several
 */
record TensorReading(
    ParameterGroup parameters, String name, Sums sums, Optional<GradientGram> micro) {

  /** Every parameter of some groups; waits for the device and reads from it once. */
  static List<TensorReading> read(
      Kernels kernels, List<ParameterGroup> groups, long step, Optional<MicroBatches> micro) {
    List<ParameterGroup> filled =
        groups.stream().filter(group -> !group.state().names().isEmpty()).toList();
    try (NDManager scope = kernels.scope()) {
      HostCopy host = new HostCopy(scope);
      List<Request> requests = new ArrayList<>();
      for (ParameterGroup group : filled) {
        requests.add(Request.of(kernels, scope, host, group, step));
      }
      Optional<Integer> gram =
          micro.map(m -> host.add(kernels.gram(scope, m.copies(), m.runs(), m.cumulative())));
      List<TensorReading> readings = new ArrayList<>();
      for (Request request : requests) {
        for (int i = 0; i < request.group.state().names().size(); i++) {
          int tensor = readings.size();
          readings.add(
              new TensorReading(
                  request.group,
                  request.group.state().names().get(i),
                  request.sums(host, i),
                  gram.map(g -> gram(host.get(g), micro.get().runs(), tensor))));
        }
      }
      return readings;
    }
  }

  private static GradientGram gram(double[] values, int count, int tensor) {
    int size = count * count;
    return new GradientGram(count, Arrays.copyOfRange(values, tensor * size, (tensor + 1) * size));
  }

  /** What was asked of one group. */
  private record Request(ParameterGroup group, int statistics, Optional<Integer> moments) {

    static Request of(
        Kernels kernels, NDManager scope, HostCopy host, ParameterGroup group, long step) {
      int statistics = host.add(group.optimizer().statistics(group.state(), group.gradients()));
      List<String> states = group.state().states();
      int m = states.indexOf("m");
      if (m < 0 || step < 1) {
        return new Request(group, statistics, Optional.empty());
      }
      Optional<AdamModel> adam = Predictions.of(group.optimizer()).adam();
      NDList vs =
          adam.isPresent() && states.contains("v")
              ? group.state().tensors().get(states.indexOf("v"))
              : new NDList();
      int moments =
          host.add(
              kernels.moments(
                  scope,
                  group.state().tensors().get(m),
                  vs,
                  group.gradients(),
                  adam.map(a -> a.firstCorrection(step)).orElse(1.0),
                  adam.map(a -> a.secondCorrection(step)).orElse(1.0),
                  Predictions.momentum(group.optimizer()).filter(kind -> step > 1),
                  !vs.isEmpty() && adam.get().equalBetas()));
      return new Request(group, statistics, Optional.of(moments));
    }

    Sums sums(HostCopy host, int tensor) {
      double[] squares = host.get(statistics); // (n, 3 + states): u, w, g, states
      int row = tensor * (squares.length / group.state().names().size());
      int m = group.state().states().indexOf("m");
      return new Sums(
          group.state().parameters().get(tensor).size(),
          squares[row],
          squares[row + 1],
          squares[row + 2],
          m < 0 ? Double.NaN : squares[row + 3 + m],
          moments
              .map(number -> MixedMoments.of(host.get(number), tensor))
              .orElse(MixedMoments.NONE));
    }
  }
}
