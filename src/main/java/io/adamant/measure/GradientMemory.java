package io.adamant.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.optim.ParameterGroup;
import io.adamant.results.Metrics;
import io.adamant.train.StepView;
import io.adamant.train.TrainingHook;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What the gradients of different steps have in common, and what it does to the update: the key
 * {@code memory} of {@code metrics.jsonl}, a map a group ({@code all} first) with the numbers of
 * {@link MemoryLine}.
 *
 * <p>A ring on the device holds the last K gradients of a fixed random sample of coordinates, as
 * the optimizer got them, and the same over what the update divided by at their own step,
 * &radic;v&#770; + &epsilon;, so that coordinates count as the update counts them. Under rules
 * without v all coordinates count alike. Every step that was taken enters, measured or not; one
 * that the guard left out does not. Nothing is read from the device but at measured steps.
 *
 * <p>Checkpoints do not hold the ring: a resumed run fills it anew, and its lines say so by {@code
 * remembered}, the number of gradients that were compared. Groups of different size are sampled
 * alike and weighted by their size in {@code all}.
 */
public final class GradientMemory implements TrainingHook {

  /** Blocks that coordinates are dealt to: even ones predict, odd ones are predicted. */
  static final int BLOCKS = 16;

  private final MeasurePlan plan;
  private final Function<String, String> grouping;
  private final int length;
  private final int coordinates;
  private final Map<String, Deque<MemoryLine.Prediction>> predictions = new HashMap<>();
  private Kernels kernels;
  private NDArray empty;
  private GradientRings rings;

  /**
   * Creates the hook of one run.
   *
   * @param plan what is measured when
   * @param grouping from a parameter's stable name to its group; the name {@code all} is taken
   * @param length K, gradients that are kept, at least 16
   * @param coordinates of each group that are kept of them
   */
  public GradientMemory(
      MeasurePlan plan, Function<String, String> grouping, int length, int coordinates) {
    this.plan = plan;
    this.grouping = grouping;
    this.length = length;
    this.coordinates = coordinates;
  }

  @Override
  public String name() {
    return "gradient_memory";
  }

  @Override
  public boolean wants(long step) {
    return plan.measures(step);
  }

  @Override
  public boolean follows() {
    return true;
  }

  /**
   * Two rings of K rows of each group's coordinates; while one group is read, up to four arrays
   * more of its size, and K &times; K float64 sums by block, twice.
   */
  @Override
  public long numbers(Map<String, Shape> shapes) {
    Map<String, Long> sampled = new HashMap<>();
    shapes.forEach((name, shape) -> sampled.merge(grouping.apply(name), shape.size(), Long::sum));
    sampled.replaceAll((group, size) -> Math.min(size, coordinates));
    long rings = sampled.values().stream().mapToLong(Long::longValue).sum();
    long largest = sampled.values().stream().mapToLong(Long::longValue).max().orElse(0);
    return length * (2 * rings + 4 * largest) + 4L * BLOCKS * length * length;
  }

  @Override
  public void begin(List<ParameterGroup> groups) {
    NDManager parent = groups.get(0).state().steps().getManager();
    kernels = new Kernels(parent);
    NDManager owner = kernels.scope(); // closed with its parent
    empty = owner.zeros(new Shape(0));
    rings = GradientRings.of(owner, groups, grouping, length, coordinates);
  }

  @Override
  public void follow(long step, List<ParameterGroup> groups) {
    if (rings == null) {
      begin(groups); // resumed: this step's count is where the rings begin
      return;
    }
    try (NDManager scope = kernels.scope()) {
      kernels.follow(
          scope,
          GradientRings.gradients(groups, grouping),
          GradientRings.denominators(groups, grouping, empty),
          rings,
          groups.get(0).state().steps());
    }
  }

  @Override
  public Map<String, Object> observe(StepView view) {
    NDArray steps = view.groups().get(0).state().steps();
    try (NDManager scope = kernels.scope()) {
      HostCopy host = new HostCopy(scope);
      int taken = host.add(steps.duplicate());
      int filled = host.add(rings.filled().duplicate());
      NDList momenta = GradientRings.momenta(view.groups(), grouping, empty);
      NDList denominators = GradientRings.denominators(view.groups(), grouping, empty);
      List<double[]> betas = new ArrayList<>();
      List<Integer> sums = new ArrayList<>();
      for (GradientRings.Part part : rings.parts()) {
        betas.add(MemoryLine.betas(part.models(), length));
        sums.add(
            host.add(
                kernels.memory(
                    scope,
                    GradientRings.part(momenta, part),
                    GradientRings.part(denominators, part),
                    rings.of(part),
                    steps,
                    betas.get(betas.size() - 1),
                    BLOCKS)));
      }
      long count = (long) host.get(taken)[0];
      int remembered = (int) Math.min(length, host.get(filled)[0]);
      Map<String, MemorySums> groups = new LinkedHashMap<>();
      groups.put(Metrics.ALL, null); // first in the line
      MemorySums all = null;
      for (int i = 0; i < sums.size(); i++) {
        GradientRings.Part part = rings.parts().get(i);
        MemorySums one =
            MemorySums.of(host.get(sums.get(i)), length, betas.get(i), part.models())
                .times(part.coordinates());
        groups.put(part.name(), one);
        all = all == null ? one : all.plus(one);
      }
      groups.put(Metrics.ALL, all);
      Map<String, Object> lines = new LinkedHashMap<>();
      groups.forEach(
          (name, group) ->
              lines.put(
                  name,
                  new MemoryLine(group, count, remembered)
                      .fields(predictions.computeIfAbsent(name, n -> new ArrayDeque<>()))));
      return Map.of(Metrics.MEMORY, lines);
    }
  }
}
