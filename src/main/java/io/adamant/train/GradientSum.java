package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.Reduction;
import io.adamant.config.TrainConfig;
import io.adamant.parallel.Ranks;
import io.adamant.parallel.TreeSum;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import io.adamant.tensor.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Adds the gradients of a batch's micro-batches in the order that {@link Reduction} says, each rank
 * those of its share: of L leaves and p ranks, rank r has leaves r L/p to (r + 1) L/p &minus; 1.
 *
 * <p>Within a rank the tree is walked from left to right: the sum of a left half is kept while the
 * right one is computed, so that &lceil;log2(L/p)&rceil; more copies of the gradients are held.
 * Then the ranks' sums are added by {@link TreeSum}.
 */
final class GradientSum implements AutoCloseable {

  private static final long MOST = 1 << 26; // bytes sent at a time

  private final Ranks ranks;
  private final NDList gradients;
  private final NDManager manager;
  private final Optional<ScriptModule> kernel; // with a tree
  private final Optional<TreeSum> tree; // with several ranks
  private final List<NDList> kept = new ArrayList<>(); // by depth

  /**
   * Prepares.
   *
   * @param ranks that compute gradients together
   * @param parent device and lifetime
   * @param gradients that a micro-batch's gradient is added to
   * @param reduction of the run
   */
  GradientSum(Ranks ranks, NDManager parent, NDList gradients, Reduction reduction) {
    this.ranks = ranks;
    this.gradients = gradients;
    manager = parent.newSubManager();
    kernel =
        reduction == Reduction.TREE
            ? Optional.of(
                new ScriptModule(
                    manager, new ScriptArchive(ScriptModule.resource("reduce.py"), Map.of())))
            : Optional.empty();
    tree = ranks.size() > 1 ? Optional.of(new TreeSum(ranks, manager)) : Optional.empty();
  }

  /**
   * Adds up; all ranks have the sum then.
   *
   * @param config of the run
   * @param count micro-batches in the whole batch
   * @param compute adds the gradient of a micro-batch, which it is given the number of, to the
   *     gradients, which are zero at first
   * @param shown hears on rank 0 of each part, as {@link TrainingHook#accumulated} does: of as many
   *     micro-batches as have been added, or of each leaf of a tree while the gradients are that
   *     leaf's; null if nobody wants it, on all ranks
   */
  void sum(TrainConfig config, int count, IntConsumer compute, IntConsumer shown) {
    if (config.reduction() == Reduction.SEQUENTIAL) {
      for (int micro = 0; micro < count; micro++) {
        compute.accept(micro);
        if (shown != null) {
          shown.accept(micro);
        }
      }
      return;
    }
    int each = count / config.leaves();
    int leaves = config.leaves() / ranks.size();
    IntConsumer leaf =
        number -> {
          for (int micro = number * each; micro < (number + 1) * each; micro++) {
            compute.accept(micro);
          }
          if (shown != null) {
            show(number, shown);
          }
        };
    walk(leaf, ranks.rank() * leaves, leaves, 0);
    if (tree.isPresent()) {
      if (shown != null && ranks.rank() == 0) {
        showOthers(leaves, shown);
      }
      tree.get().sum(gradients);
    }
  }

  private void walk(IntConsumer leaf, int first, int count, int depth) {
    if (count == 1) {
      leaf.accept(first);
      return;
    }
    int half = count / 2;
    walk(leaf, first, half, depth + 1);
    NDList left = room(depth);
    kernel.orElseThrow().call(manager, "keep", left, gradients);
    kernel.orElseThrow().call(manager, "zero", gradients);
    walk(leaf, first + half, count - half, depth + 1);
    kernel.orElseThrow().call(manager, "add", gradients, left);
  }

  private NDList room(int depth) {
    while (kept.size() <= depth) {
      NDList copies = new NDList();
      for (NDArray gradient : gradients) {
        copies.add(manager.create(gradient.getShape(), gradient.getDataType()));
      }
      kept.add(copies);
    }
    return kept.get(depth);
  }

  private void show(int leaf, IntConsumer shown) {
    if (ranks.rank() == 0) {
      shown.accept(leaf);
    } else {
      gradients.forEach(gradient -> transfer(gradient, true, 0));
    }
  }

  /** Shows the others' leaves, one after the other, in place of this rank's gradients. */
  private void showOthers(int leaves, IntConsumer shown) {
    NDList own = room(0);
    ScriptModule copy = kernel.orElseThrow();
    copy.call(manager, "keep", own, gradients);
    for (int leaf = leaves; leaf < leaves * ranks.size(); leaf++) {
      int rank = leaf / leaves;
      gradients.forEach(gradient -> transfer(gradient, false, rank));
      shown.accept(leaf);
    }
    copy.call(manager, "keep", gradients, own);
  }

  private void transfer(NDArray array, boolean send, int peer) {
    TensorMemory memory = TensorMemory.of(array);
    TensorMemory nothing = memory.part(0, 0);
    for (long at = 0; at < memory.bytes(); at += MOST) {
      TensorMemory part = memory.part(at, Math.min(MOST, memory.bytes() - at));
      ranks.exchange(send ? part : nothing, send ? nothing : part, peer);
    }
  }

  /**
   * The losses of all micro-batches of a batch.
   *
   * @param scope owner of new arrays
   * @param own () each, of this rank's micro-batches
   * @param count micro-batches in the whole batch
   * @return () each, in their order, the same on all ranks
   */
  NDList all(NDManager scope, NDList own, int count) {
    if (tree.isEmpty()) {
      return own;
    }
    NDArray vector = scope.zeros(new Shape(count), own.get(0).getDataType());
    NDArray mine = NDArrays.stack(own);
    mine.attach(scope);
    int first = ranks.rank() * own.size();
    vector.set(new NDIndex(first + ":" + (first + own.size())), mine);
    tree.get().sum(new NDList(vector)); // each is one number and zeros
    NDList losses = new NDList();
    for (int i = 0; i < count; i++) {
      NDArray loss = vector.get(i);
      loss.attach(scope);
      losses.add(loss);
    }
    return losses;
  }

  /**
   * Numbers of which each rank has some.
   *
   * @param own this rank's, zero where another has one
   * @return all of them
   */
  double[] all(double[] own) {
    if (tree.isEmpty()) {
      return own;
    }
    try (NDArray vector = manager.create(own)) {
      tree.get().sum(new NDList(vector));
      return vector.toDoubleArray();
    }
  }

  /** The first of a number of things, dealt out evenly, that is this rank's. */
  int first(int count) {
    return (int) ((long) count * ranks.rank() / ranks.size());
  }

  /** The ranks. */
  Ranks ranks() {
    return ranks;
  }

  @Override
  public void close() {
    kernel.ifPresent(ScriptModule::close);
    tree.ifPresent(TreeSum::close);
    manager.close();
  }
}
