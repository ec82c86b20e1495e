package io.adamant.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.optim.ParameterGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The last K gradients of some coordinates, on the device: of each tensor a ring as they were, and
 * one in which they are divided by what the update divided them by at their own step. Row s mod K
 * holds the gradient of the s-th step that was taken; nothing is known to the host.
 *
 * @param parts the groups of statistics, and which tensors each has
 * @param index coordinates by tensor, (n) int64
 * @param raw gradients by tensor, (K, n)
 * @param scaled the same over their denominators; without v as they are
 * @param beta2 by tensor, 0 where v is not corrected
 * @param eps of the denominator, by tensor
 * @param inside by tensor 1 for &radic;(v + &epsilon;&sup2;), else 0
 * @param last steps taken when the rings were last written, () float64
 * @param filled gradients written so far, () float64
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record GradientRings(
    List<Part> parts,
    NDList index,
    NDList raw,
    NDList scaled,
    double[] beta2,
    double[] eps,
    double[] inside,
    NDArray last,
    NDArray filled) {

  /**
   * A group of statistics.
   *
   * @param name such as {@code attention}
   * @param from its first tensor
   * @param to after its last tensor
   * @param coordinates of the whole group
   * @param models of its tensors, without repetition
   */
  record Part(String name, int from, int to, long coordinates, Set<UpdateModel> models) {}

  /** A tensor of some parameters. */
  private record Tensor(ParameterGroup group, int number) {
    String name() {
      return group.state().names().get(number);
    }

    long size() {
      return group.state().parameters().get(number).size();
    }
  }

  /** The tensors in the order of the rings: by group of statistics. */
  private static Map<String, List<Tensor>> tensors(
      List<ParameterGroup> groups, Function<String, String> grouping) {
    Map<String, List<Tensor>> tensors = new LinkedHashMap<>();
    for (ParameterGroup group : groups) {
      for (int i = 0; i < group.state().names().size(); i++) {
        Tensor tensor = new Tensor(group, i);
        tensors.computeIfAbsent(grouping.apply(tensor.name()), k -> new ArrayList<>()).add(tensor);
      }
    }
    return tensors;
  }

  /**
   * Empty rings.
   *
   * @param owner of their memory
   * @param groups parameters with their state
   * @param grouping from a tensor's name to its group of statistics
   * @param length K
   * @param coordinates of each group of statistics, at most
   */
  static GradientRings of(
      NDManager owner,
      List<ParameterGroup> groups,
      Function<String, String> grouping,
      int length,
      int coordinates) {
    List<Part> parts = new ArrayList<>();
    NDList index = new NDList();
    NDList raw = new NDList();
    NDList scaled = new NDList();
    List<UpdateModel> models = new ArrayList<>();
    tensors(groups, grouping)
        .forEach(
            (name, members) -> {
              long all = members.stream().mapToLong(Tensor::size).sum();
              int from = index.size();
              for (Tensor tensor : members) {
                long share = Math.round((double) coordinates * tensor.size() / all);
                long[] chosen =
                    sample(tensor.name(), tensor.size(), Math.max(1, Math.min(all, share)));
                index.add(owner.create(chosen));
                raw.add(owner.zeros(new Shape(length, chosen.length)));
                scaled.add(owner.zeros(new Shape(length, chosen.length)));
                models.add(Predictions.of(tensor.group().optimizer()));
              }
              Set<UpdateModel> kinds = Set.copyOf(models.subList(from, index.size()));
              parts.add(new Part(name, from, index.size(), all, kinds));
            });
    NDArray steps = groups.get(0).state().steps();
    NDArray last = steps.duplicate();
    last.attach(owner);
    NDArray filled = steps.zerosLike();
    filled.attach(owner);
    return new GradientRings(
        parts,
        index,
        raw,
        scaled,
        models.stream()
            .mapToDouble(m -> setting(m, a -> a.biasCorrection() ? a.beta2() : 0))
            .toArray(),
        models.stream().mapToDouble(m -> setting(m, AdamModel::eps)).toArray(),
        models.stream().mapToDouble(m -> setting(m, a -> a.epsInside() ? 1 : 0)).toArray(),
        last,
        filled);
  }

  private static double setting(UpdateModel model, Function<AdamModel, Number> of) {
    return model.adam().map(of).map(Number::doubleValue).orElse(0.0);
  }

  /** Different coordinates at random, in order; the same in every run. */
  private static long[] sample(String name, long size, long count) {
    long wanted = Math.min(size, count);
    SplittableRandom random = new SplittableRandom(name.hashCode());
    Set<Long> chosen = new TreeSet<>();
    for (long j = size - wanted; j < size; j++) { // Floyd's sample without repetition
      long candidate = random.nextLong(j + 1);
      if (!chosen.add(candidate)) {
        chosen.add(j);
      }
    }
    return chosen.stream().mapToLong(Long::longValue).toArray();
  }

  /** One group's tensors of those in the rings' order. */
  static NDList part(NDList list, Part part) {
    return new NDList(list.subList(part.from(), part.to()));
  }

  /** One group's rings. */
  GradientRings of(Part part) {
    return new GradientRings(
        List.of(part),
        part(index, part),
        part(raw, part),
        part(scaled, part),
        Arrays.copyOfRange(beta2, part.from(), part.to()),
        Arrays.copyOfRange(eps, part.from(), part.to()),
        Arrays.copyOfRange(inside, part.from(), part.to()),
        last,
        filled);
  }

  /** Gradients in the rings' order. */
  static NDList gradients(List<ParameterGroup> groups, Function<String, String> grouping) {
    NDList list = new NDList();
    tensors(groups, grouping).values().stream()
        .flatMap(List::stream)
        .forEach(tensor -> list.add(tensor.group().gradients().get(tensor.number())));
    return list;
  }

  /** What divides gradients, in the rings' order; an empty array where nothing does. */
  static NDList denominators(
      List<ParameterGroup> groups, Function<String, String> grouping, NDArray empty) {
    NDList list = new NDList();
    tensors(groups, grouping).values().stream()
        .flatMap(List::stream)
        .forEach(
            tensor ->
                list.add(
                    Predictions.of(tensor.group().optimizer()).adam().isPresent()
                        ? state(tensor, "v", empty)
                        : empty));
    return list;
  }

  /** Momenta in the rings' order; an empty array where a rule has none. */
  static NDList momenta(
      List<ParameterGroup> groups, Function<String, String> grouping, NDArray empty) {
    NDList list = new NDList();
    tensors(groups, grouping).values().stream()
        .flatMap(List::stream)
        .forEach(tensor -> list.add(state(tensor, "m", empty)));
    return list;
  }

  private static NDArray state(Tensor tensor, String name, NDArray empty) {
    int at = tensor.group().state().states().indexOf(name);
    NDArray array = at < 0 ? empty : tensor.group().state().tensors().get(at).get(tensor.number());
    return array.size() == tensor.size() ? array : empty;
  }
}
