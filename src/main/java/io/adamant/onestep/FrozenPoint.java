package io.adamant.onestep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.simulate.Seeds;
import io.adamant.theory.DirectionMoments;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Measures the one-step laws at a {@link Population}'s point.
 *
 * <p>The population is what it is: g, Σ and the signs are exactly its own. A chain draws batches
 * with replacement at the weights that do not move, starts m and v at their means, lets them settle
 * and gives a few draws; each rule's direction φ then has its slope φᵀg and its curvature φᵀHφ, the
 * latter by the central difference of the mean gradient of samples that are drawn anew each time,
 * which makes its mean that of the whole population. Every random number is a function of the seed
 * and of its place, so that a measurement that was cut off goes on with the same bits.
 */
public final class FrozenPoint {

  /**
   * A displacement's length over that of the weights. Errors of the third derivative grow with its
   * square, rounding falls with it: on the quickstart's model, at its initial weights and trained,
   * along g, sign(g) and both of one window, 1e-5 and 5e-5 agree to 0.13 %; 2e-4 is off by up to 2
   * %, 1e-3 by up to 21 %. A one-sided difference is off by up to 46 % at 5e-5, hence the central
   * one.
   */
  static final double DISPLACEMENT = 5e-5;

  /** Numbers a rule has in a draw: slope, curvature, slope of the samples, rate, losses. */
  static final int WIDTH = 4 + Design.RATES.size();

  /** Numbers of the point itself, before those of each SoftSign. */
  static final int SUMS = 5;

  private static final int COLUMNS = 1 << 16;
  private static final long MOST_FLOATS = 1L << 27;
  private static final long CHAIN = 1;
  private static final long CURVED = 2;
  private static final long PROBE = 3;
  private static final long SIGNS = 4;

  private final Population population;
  private final Design design;
  private final NDManager manager;
  private final NDArray gradient; // g, (P)
  private final NDArray variance; // diagonal of Σ, (P)
  private final float[] g;
  private final float[] s2;
  private final int[] all;
  private final Map<String, double[]> found;
  private SoftSignTable table;
  private NDArray weights; // variances of φ, (cells, P)

  /**
   * Reads the population.
   *
   * @param population not closed by this
   * @param design what to measure
   * @param found what was measured before
   */
  public FrozenPoint(Population population, Design design, Map<String, double[]> found) {
    this.population = population;
    this.design = design;
    this.found = found;
    manager = population.manager().newSubManager();
    all = IntStream.range(0, population.samples()).toArray();
    NDList means = new NDList();
    NDList variances = new NDList();
    for (long from = 0; from < population.coordinates(); from += COLUMNS) {
      long to = Math.min(population.coordinates(), from + COLUMNS);
      try (NDManager scope = manager.newSubManager()) {
        scope.tempAttachAll(population.gradients());
        NDArray part = population.gradients().get(new NDIndex(":, " + from + ":" + to));
        NDArray mean = part.mean(new int[] {0});
        NDArray square = part.sub(mean).square().mean(new int[] {0});
        mean.attach(manager);
        square.attach(manager);
        means.add(mean);
        variances.add(square);
      }
    }
    gradient = NDArrays.concat(means);
    variance = NDArrays.concat(variances);
    gradient.attach(manager);
    variance.attach(manager);
    g = gradient.toFloatArray();
    s2 = variance.toFloatArray();
  }

  /** A piece of work that a log has a line of. */
  private record Task(String key, Supplier<double[]> work) {}

  private List<Task> tasks(int blocks) {
    List<Task> tasks = new ArrayList<>();
    tasks.add(new Task("sums", this::sums));
    tasks.add(new Task("gHg", () -> exact(gradient)));
    tasks.add(new Task("signs", () -> exact(gradient.sign())));
    for (Method method : design.methods()) {
      if (method.kind() == Method.Kind.SOFT_SIGN) {
        tasks.add(
            new Task(
                "soft " + method.key(),
                () -> exact(method.direction(gradient, gradient, gradient))));
      }
    }
    for (Cell cell : cells()) {
      tasks.add(new Task("mean " + cell.key(), () -> mean(cell)));
    }
    for (int i = 0; i < design.probes(); i++) {
      int probe = i;
      tasks.add(new Task("probe " + i, () -> probe(probe)));
    }
    for (int b = 0; b < blocks; b++) {
      for (int batch : design.batches()) {
        int block = b;
        tasks.add(new Task("block " + batch + " " + b, () -> block(batch, block)));
      }
    }
    return tasks;
  }

  /**
   * Measures what a log has not.
   *
   * @param log begun, with {@link DrawLog#found} as {@code found}
   * @param progress hears of each piece of work
   */
  public void measure(DrawLog log, LongConsumer progress) {
    for (Task task : tasks(log.blocks())) {
      if (!found.containsKey(task.key())) {
        log.append(task.key(), task.work().get());
      }
      progress.accept(1);
    }
  }

  /** Pieces of work. */
  public long work(int blocks) {
    return tasks(blocks).size();
  }

  /** A rule with its own moments at a batch size; its law by coordinates needs H at them. */
  private record Cell(Method method, int batch) {
    String key() {
      return method.key() + " " + batch;
    }
  }

  private List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Method method : design.methods()) {
      if (!method.kind().linear()) {
        design.batches().forEach(batch -> cells.add(new Cell(method, batch)));
      }
    }
    return cells;
  }

  /**
   * gᵀg, Σ|g|, tr Σ, P and the share of coordinates that no sample moves; then Σ σ²/(g² + ε²)/P and
   * Σ νg for each SoftSign.
   */
  private double[] sums() {
    List<Double> sums = new ArrayList<>();
    double square = 0;
    double l1 = 0;
    double trace = 0;
    double still = 0;
    for (int i = 0; i < g.length; i++) {
      square += (double) g[i] * g[i];
      l1 += Math.abs(g[i]);
      trace += s2[i];
      still += g[i] == 0 && s2[i] == 0 ? 1 : 0;
    }
    sums.addAll(List.of(square, l1, trace, (double) g.length, still / g.length));
    for (Method method : design.methods()) {
      if (method.kind() == Method.Kind.SOFT_SIGN) {
        double kappa = 0;
        double aligned = 0;
        double e2 = method.epsilon() * method.epsilon();
        for (int i = 0; i < g.length; i++) {
          double g2 = (double) g[i] * g[i];
          kappa += s2[i] / (g2 + e2);
          aligned += g2 / Math.sqrt(g2 + e2);
        }
        sums.addAll(List.of(kappa / g.length, aligned));
      }
    }
    return sums.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private double[] exact(NDArray direction) {
    direction.attach(manager);
    return new double[] {slopes(direction, all)[1]};
  }

  /** E[φ]ᵀg and E[φ]ᵀH E[φ], by coordinates. */
  private double[] mean(Cell cell) {
    float[] mean = moments(cell, true);
    double aligned = 0;
    for (int i = 0; i < mean.length; i++) {
      aligned += (double) mean[i] * g[i];
    }
    try (NDManager scope = manager.newSubManager()) {
      return new double[] {aligned, slopes(scope.create(mean), all)[1]};
    }
  }

  /** E φ or Var φ of each coordinate with Gaussian noise. */
  private float[] moments(Cell cell, boolean mean) {
    if (cell.method().kind() == Method.Kind.SOFT_SIGN && table == null) {
      table = new SoftSignTable();
    }
    DirectionMoments law = cell.method().moments(table);
    float[] out = new float[g.length];
    for (int i = 0; i < out.length; i++) {
      double deviation = Math.sqrt(s2[i] / cell.batch());
      if (g[i] == 0 && deviation == 0) {
        continue; // no sample moves it
      }
      deviation = Math.max(deviation, 1e-9 * Math.abs(g[i]));
      double first = law.mean(g[i], deviation);
      out[i] = (float) (mean ? first : Math.max(0, law.second(g[i], deviation) - first * first));
    }
    return out;
  }

  /** zᵀHz for z of random signs and for z of covariance Σ, then Σ z_i·(Hz)_i·Var φ_i by cell. */
  private double[] probe(int index) {
    List<Cell> cells = cells();
    if (weights == null && !cells.isEmpty()) {
      weights = manager.create(new Shape(cells.size(), g.length), DataType.FLOAT32);
      for (int k = 0; k < cells.size(); k++) {
        weights.set(new NDIndex(k), manager.create(moments(cells.get(k), false)));
      }
    }
    double[] values = new double[2 + cells.size()];
    try (NDManager scope = manager.newSubManager()) {
      float[] signs = new float[g.length];
      for (int i = 0; i < signs.length; i += 64) {
        long bits = Seeds.mix(design.seed(), PROBE, index, i);
        for (int k = i; k < Math.min(i + 64, signs.length); k++) {
          signs[k] = (bits >> (k - i) & 1) == 0 ? -1 : 1;
        }
      }
      NDArray z = scope.create(signs);
      NDArray curved = difference(scope, z, samples(PROBE, index, 0));
      NDArray product = z.mul(curved);
      values[0] = product.toType(DataType.FLOAT64, false).sum().getDouble();
      if (!cells.isEmpty()) {
        double[] weighted = weights.matMul(product).toType(DataType.FLOAT64, false).toDoubleArray();
        System.arraycopy(weighted, 0, values, 2, weighted.length);
      }
      float[] mixture = new float[all.length];
      double sum = 0;
      for (int n = 0; n < mixture.length; n++) {
        boolean up = (Seeds.mix(design.seed(), SIGNS, index, n) & 1) == 0;
        mixture[n] = (float) ((up ? 1 : -1) / Math.sqrt(mixture.length));
        sum += mixture[n];
      }
      NDArray noise =
          scope
              .create(mixture, new Shape(1, mixture.length))
              .matMul(population.gradients())
              .reshape(-1);
      try (NDArray mean = gradient.mul(sum)) {
        noise.subi(mean);
      }
      values[1] = slopes(noise, samples(PROBE, index, 1))[1];
    }
    return values;
  }

  /** Samples for a curvature. */
  private int[] samples(long... place) {
    long key = Seeds.mix(design.seed(), CURVED, Seeds.mix(place));
    return IntStream.range(0, design.samples()).map(i -> drawn(key, i)).toArray();
  }

  private int drawn(long key, int index) {
    double uniform = (Seeds.mix(key, index) >>> 11) * 0x1.0p-53;
    return (int) (uniform * all.length);
  }

  private double step(NDArray direction) {
    double norm = Math.sqrt(dot(direction, direction));
    return norm == 0 ? 1 : DISPLACEMENT * population.scale() / norm;
  }

  private static double dot(NDArray a, NDArray b) {
    try (NDArray product = a.mul(b);
        NDArray exact = product.toType(DataType.FLOAT64, false);
        NDArray sum = exact.sum()) {
      return sum.getDouble();
    }
  }

  /** φᵀg and φᵀHφ of some samples. */
  private double[] slopes(NDArray direction, int[] samples) {
    double h = step(direction);
    try (NDManager scope = manager.newSubManager()) {
      double up = dot(direction, population.gradient(scope, direction, h, samples));
      double down = dot(direction, population.gradient(scope, direction, -h, samples));
      return new double[] {(up + down) / 2, (up - down) / (2 * h)};
    }
  }

  /** Hz of some samples. */
  private NDArray difference(NDManager scope, NDArray direction, int[] samples) {
    double h = step(direction);
    NDArray up = population.gradient(scope, direction, h, samples);
    NDArray down = population.gradient(scope, direction, -h, samples);
    return up.subi(down).muli(1 / (2 * h));
  }

  /** A chain: for each draw and rule {@link #WIDTH} numbers. */
  private double[] block(int batch, int index) {
    int methods = design.methods().size();
    double[] values = new double[Design.DRAWS * methods * WIDTH];
    try (NDManager scope = manager.newSubManager()) {
      NDList draws = chain(scope, batch, index);
      for (int k = 0; k < methods; k++) {
        Method method = design.methods().get(k);
        double best = bestSoFar(k, batch, index);
        for (int draw = 0; draw < Design.DRAWS; draw++) {
          try (NDManager one = scope.newSubManager()) {
            one.tempAttachAll(
                draws.get(3 * draw), draws.get(3 * draw + 1), draws.get(3 * draw + 2));
            NDArray phi =
                method.direction(
                    draws.get(3 * draw), draws.get(3 * draw + 1), draws.get(3 * draw + 2));
            phi.attach(one);
            int[] samples = samples(CHAIN, batch, index, draw, k);
            double[] curved = slopes(phi, samples);
            int at = (draw * methods + k) * WIDTH;
            values[at] = dot(phi, gradient);
            values[at + 1] = curved[1];
            values[at + 2] = curved[0];
            boolean checked = (index * Design.DRAWS + draw) % Design.CHECKED == Design.CHECKED - 1;
            if (checked && best > 0) {
              values[at + 3] = best;
              double here = population.loss(phi, 0, samples);
              for (int r = 0; r < Design.RATES.size(); r++) {
                double rate = best * Design.RATES.get(r);
                double moved = population.loss(phi, -rate, samples) - here;
                values[at + 4 + r] = Double.isFinite(moved) ? moved : Double.MAX_VALUE;
              }
            }
          }
        }
      }
    }
    return values;
  }

  /** The best rate by the chains before; 0 if there is none yet, or no best one. */
  private double bestSoFar(int method, int batch, int index) {
    double slope = 0;
    double curvature = 0;
    for (int b = 0; b < index; b++) {
      double[] block = found.get("block " + batch + " " + b);
      for (int draw = 0; draw < Design.DRAWS; draw++) {
        int at = (draw * design.methods().size() + method) * WIDTH;
        slope += block[at];
        curvature += block[at + 1];
      }
    }
    return slope > 0 && curvature > 0 ? slope / curvature : 0;
  }

  /** g, m and v at each draw. */
  private NDList chain(NDManager scope, int batch, int index) {
    NDList draws = new NDList();
    long steps = design.settling() + (long) Design.DRAWS * design.apart();
    long rows = Math.max(1, Math.min(design.apart(), MOST_FLOATS / g.length));
    NDArray m = gradient.duplicate();
    NDArray v = variance.div((double) batch);
    try (NDArray square = gradient.square()) {
      v.addi(square);
    }
    m.attach(scope);
    v.attach(scope);
    for (long first = 0; first < steps; first += rows) {
      int count = (int) Math.min(rows, steps - first);
      try (NDManager chunk = scope.newSubManager()) {
        NDArray gradients =
            chunk
                .create(counts(batch, index, first, count), new Shape(count, all.length))
                .matMul(population.gradients());
        gradients.attach(chunk);
        for (int row = 0; row < count; row++) {
          try (NDManager step = chunk.newSubManager()) {
            NDArray one = gradients.get(row);
            one.attach(step);
            NDArray part = one.mul(1 - design.beta1());
            NDArray square = one.square();
            part.attach(step);
            square.attach(step);
            m.muli(design.beta1()).addi(part);
            v.muli(design.beta2()).addi(square.muli(1 - design.beta2()));
            long done = first + row + 1 - design.settling();
            if (done > 0 && done % design.apart() == 0) {
              NDList draw = new NDList(one.duplicate(), m.duplicate(), v.duplicate());
              draw.attach(scope);
              draws.addAll(draw);
            }
          }
        }
      }
    }
    return draws;
  }

  /** What share of each batch every sample is, (count, N) row by row. */
  private float[] counts(int batch, int index, long first, int count) {
    float[] shares = new float[Math.multiplyExact(count, all.length)];
    for (int row = 0; row < count; row++) {
      long key = Seeds.mix(design.seed(), CHAIN, batch, index, first + row);
      for (int k = 0; k < batch; k++) {
        shares[row * all.length + drawn(key, k)] += 1;
      }
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= batch;
    }
    return shares;
  }

  /**
   * Seconds that this machine takes, from a short trial.
   *
   * @param fixed what is measured once
   * @param block one chain for each batch size
   */
  public record Cost(double fixed, double block) {}

  /** Tries how long the work takes. */
  public Cost cost() {
    double curvature = 0;
    double rows = 0;
    for (int trial = 0; trial < 2; trial++) { // the first one warms up
      long begin = System.nanoTime();
      slopes(gradient, samples(0, trial));
      curvature = (System.nanoTime() - begin) / 1e9;
      begin = System.nanoTime();
      int count = (int) Math.max(1, Math.min(design.apart(), MOST_FLOATS / g.length));
      try (NDManager scope = manager.newSubManager()) {
        NDArray gradients =
            scope
                .create(counts(1, trial, 0, count), new Shape(count, all.length))
                .matMul(population.gradients());
        gradients.attach(scope);
        gradients.sum().close();
      }
      rows = (System.nanoTime() - begin) / 1e9 / count;
    }
    int methods = design.methods().size();
    int steps = design.settling() + Design.DRAWS * design.apart();
    double whole = curvature * all.length / design.samples();
    long soft = design.methods().stream().filter(x -> x.kind() == Method.Kind.SOFT_SIGN).count();
    double checks = 0.5 * curvature * (Design.RATES.size() + 1) / Design.CHECKED;
    return new Cost(
        whole * (2 + soft + cells().size()) + 2 * curvature * design.probes(),
        design.batches().size()
            * (2 * rows * steps + Design.DRAWS * methods * (curvature + checks)));
  }
}
