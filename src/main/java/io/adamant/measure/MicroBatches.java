package io.adamant.measure;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.optim.ParameterGroup;
import java.util.List;

/**
 * Gathers the gradients of a step's micro-batches while they accumulate. Of more than {@link #MOST}
 * micro-batches, equally long runs of them are taken together; what does not fill the last run is
 * left out. Holds a copy of all gradients for each until it is read.
 */
final class MicroBatches {

  /** Copies of the gradients that are held at most. */
  static final int MOST = 8;

  private static final int FEWEST_OF_A_GROWING_BATCH = 4;

  private final NDList copies = new NDList(); // sums so far / count, n tensors a run
  private NDManager owner;
  private int runs;
  private int perRun;
  private int total;
  private int tensors;
  private long step = -1;
  private boolean cumulative = true;

  /** Micro-batches that are taken together. */
  static int perRun(int count) {
    return (count + MOST - 1) / MOST;
  }

  /**
   * Takes a copy of what has accumulated where a run of micro-batches is complete.
   *
   * @param apart whether the gradients are those of a part of the batch each time, and not the sum
   *     so far
   */
  void add(
      Kernels kernels,
      long atStep,
      int done,
      int count,
      List<ParameterGroup> groups,
      boolean apart) {
    if (done == 1) {
      clear();
      owner = kernels.scope();
      step = atStep;
      perRun = perRun(count);
      total = count;
      cumulative = !apart;
    }
    NDList gradients = new NDList();
    groups.forEach(group -> gradients.addAll(group.gradients()));
    tensors = gradients.size();
    if (apart && (done - 1) % perRun > 0) {
      int last = copies.size() - gradients.size();
      for (int i = 0; i < gradients.size(); i++) {
        copies.get(last + i).addi(gradients.get(i));
      }
    } else if (count > 1 && (apart || done % perRun == 0)) {
      copies.addAll(kernels.copies(owner, gradients));
    }
    if (count > 1 && done % perRun == 0) {
      runs++;
    }
  }

  /**
   * Whether there is something to estimate from at a step.
   *
   * @param atStep the step
   * @param growing whether its batch is not whole yet: two or three of few micro-batches say little
   */
  boolean ready(long atStep, boolean growing) {
    return step == atStep && runs >= (growing ? FEWEST_OF_A_GROWING_BATCH : 2);
  }

  /** Of each complete run, n tensors. */
  NDList copies() {
    return new NDList(copies.subList(0, runs * tensors));
  }

  /** Whether a copy holds those before it too. */
  boolean cumulative() {
    return cumulative;
  }

  int runs() {
    return runs;
  }

  /** How many runs a batch has, not always a whole number: noise of a run over noise of a batch. */
  double ratio() {
    return (double) total / perRun;
  }

  void clear() {
    if (owner != null) {
      owner.close();
      owner = null;
    }
    copies.clear();
    runs = 0;
    step = -1;
  }
}
