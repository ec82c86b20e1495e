package io.adamant.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.stats.RatioHistogram;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.Map;
import java.util.Optional;

/** The sums over coordinates that hooks need, compiled for one device. */
final class Kernels {

  /** Columns of {@link #moments} before the histogram. */
  static final int MOMENTS = 9;

  private final NDManager manager;
  private final ScriptModule module;

  /**
   * Compiles.
   *
   * @param parent device and lifetime: when it is closed, so is this
   */
  Kernels(NDManager parent) {
    manager = parent.newSubManager();
    module =
        new ScriptModule(manager, new ScriptArchive(ScriptModule.resource("measure.py"), Map.of()));
  }

  /** A manager on the device, for results that outlive a call; the caller closes it. */
  NDManager scope() {
    return manager.newSubManager();
  }

  NDList copies(NDManager owner, NDList tensors) {
    return module.call(owner, "copies", tensors);
  }

  /** Inner products by tensor, (n, count, count) float64. */
  NDArray gram(NDManager owner, NDList vectors, int count, boolean cumulative) {
    return module.call(owner, "gram", vectors, (long) count, cumulative).singletonOrThrow();
  }

  /** Inner products with one vector by tensor, (n, count) float64. */
  NDArray products(NDManager owner, NDList left, NDList right, int count) {
    return module.call(owner, "products", left, right, (long) count).singletonOrThrow();
  }

  /** Takes a step's gradients into rings, if it was taken; see {@code measure.py}. */
  void follow(NDManager owner, NDList gradients, NDList vs, GradientRings rings, NDArray steps) {
    module
        .call(
            owner,
            "follow",
            gradients,
            vs,
            rings.index(),
            rings.raw(),
            rings.scaled(),
            rings.beta2(),
            rings.eps(),
            rings.inside(),
            steps,
            rings.last(),
            rings.filled())
        .close();
  }

  /** Inner products and sums of squares of rings, in one row of float64; see {@code measure.py}. */
  NDArray memory(
      NDManager owner,
      NDList ms,
      NDList vs,
      GradientRings rings,
      NDArray steps,
      double[] betas,
      int blocks) {
    return module
        .call(
            owner,
            "memory",
            ms,
            vs,
            rings.index(),
            rings.raw(),
            rings.scaled(),
            rings.beta2(),
            rings.eps(),
            rings.inside(),
            steps,
            betas,
            (long) blocks)
        .singletonOrThrow();
  }

  /**
   * Mixed moments of m, v and g by tensor, (n, {@link #MOMENTS} + bins) float64.
   *
   * @param kind how m averages gradients; empty where its changes of sign cannot be told
   */
  NDArray moments(
      NDManager owner,
      NDList ms,
      NDList vs,
      NDList gs,
      double c1,
      double c2,
      Optional<MomentumKind> kind,
      boolean equal) {
    return module
        .call(
            owner,
            "moments",
            ms,
            vs,
            gs,
            c1,
            c2,
            kind.map(MomentumKind::share).orElse(0.0),
            kind.map(MomentumKind::ofSigns).orElse(false),
            equal,
            (long) RatioHistogram.BINS,
            RatioHistogram.LOW,
            RatioHistogram.HIGH)
        .singletonOrThrow();
  }
}
