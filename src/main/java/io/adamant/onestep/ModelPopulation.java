package io.adamant.onestep;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.adamant.base.Granted;
import io.adamant.base.InputException;
import io.adamant.config.Packing;
import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.data.Batches;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.EngineCheck;
import io.adamant.tensor.TorchRuntime;
import io.adamant.train.StoredModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/**
 * A language model at stored weights with a pool of training windows, float32, all parameters in
 * one vector in the order of their names in the model.
 */
public final class ModelPopulation implements Population {

  private static final long OWN_ORDER = 0x0E57E9L;
  private static final int TOGETHER = 16; // windows of a pass
  private static final double SPARE = 0.8; // share of the free memory that gradients may take

  private final NDManager manager;
  private final Gpt model;
  private final List<NDArray> leaves = new ArrayList<>();
  private final List<NDArray> base = new ArrayList<>();
  private final long[] tokens;
  private final long[] targets;
  private final int context;
  private final int samples;
  private final long coordinates;
  private final double scale;
  private final LongConsumer progress;
  private NDArray gradients;

  /**
   * Loads a model.
   *
   * @param config of its run
   * @param stored its weights; empty for the initial ones of the run's seed
   * @param data the run's
   * @param samples N, windows of the training text that do not overlap
   * @param device where it computes
   * @param threads of a CPU
   * @param progress hears of each gradient of the pool
   * @throws InputException if the data has fewer windows, or their gradients do not fit the memory
   */
  public ModelPopulation(
      RunConfig config,
      Optional<StoredModel> stored,
      TokenDataset data,
      int samples,
      Device device,
      int threads,
      LongConsumer progress) {
    this.samples = samples;
    this.progress = progress;
    context = config.model().context();
    tokens = new long[Math.multiplyExact(samples, context)];
    targets = new long[tokens.length];
    Batches windows = new Batches(data.train(), 1, context, config.training().seed() ^ OWN_ORDER);
    if (samples > windows.windowsPerEpoch()) {
      throw InputException.badValue(
          "--pool",
          samples,
          "at most %s, the windows of %s tokens that the training text has"
              .formatted(windows.windowsPerEpoch(), context));
    }
    windows.read(0, samples, tokens, targets);
    TorchRuntime.prepareThread(threads);
    TorchRuntime.prepareDevice(device, false);
    EngineCheck.require(device);
    manager = NDManager.newBaseManager(device);
    try {
      model = model(config, data, device);
      Map<String, NDArray> live = new LinkedHashMap<>();
      for (Map.Entry<String, Parameter> entry : model.named().entrySet()) {
        live.put(entry.getKey(), entry.getValue().getArray());
      }
      coordinates = live.values().stream().mapToLong(NDArray::size).sum();
      requireMemory(device);
      stored.ifPresent(weights -> weights.restore(live));
      double square = 0;
      try (Autograd.Mode off = Autograd.noGrad()) {
        for (NDArray leaf : live.values()) {
          leaves.add(leaf);
          base.add(leaf.duplicate());
          square += Math.pow(leaf.norm().getFloat(), 2);
        }
      }
      live.values().forEach(leaf -> Autograd.requireGradient(leaf, true));
      scale = Math.sqrt(square);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private Gpt model(RunConfig config, TokenDataset data, Device device) {
    boolean apart = config.data().packing() == Packing.DOCUMENTS;
    return new Gpt(
        manager,
        config.model(),
        config.model().paddedVocabulary(data.tokenizer().vocabularySize()),
        KernelPath.choose(CpuFeatures.detect(), device, Precision.FP32, context),
        config.training().seed(),
        apart ? OptionalInt.of(data.tokenizer().endOfText()) : OptionalInt.empty());
  }

  private void requireMemory(Device device) {
    OptionalLong free = Granted.here().free();
    if (device.isGpu() || free.isEmpty()) {
      return; // a GPU says so itself
    }
    requireFit(samples, coordinates, (long) (SPARE * free.getAsLong()));
  }

  /** Refuses a pool whose gradients do not fit. */
  static void requireFit(int samples, long coordinates, long bytes) {
    // Beside the pool: a chunk of a chain, its averages and directions, moments by cell.
    long others = 100;
    long most = bytes / (4 * coordinates) - others;
    if (samples > most) {
      throw InputException.badValue(
          "--pool",
          samples,
          most < 2
              ? "a smaller model: its gradients, of %s parameters, do not fit the memory"
                  .formatted(coordinates)
              : "at most %s, the gradients of %s parameters that fit the memory"
                  .formatted(most, coordinates));
    }
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  @Override
  public int samples() {
    return samples;
  }

  @Override
  public long coordinates() {
    return coordinates;
  }

  @Override
  public double scale() {
    return scale;
  }

  @Override
  public NDArray gradients() {
    if (gradients == null) {
      try (Autograd.Mode off = Autograd.noGrad()) {
        gradients = manager.create(new Shape(samples, coordinates), DataType.FLOAT32);
        for (int n = 0; n < samples; n++) {
          place(Optional.empty(), 0);
          backward(new int[] {n});
          try (NDManager scope = manager.newSubManager()) {
            long from = 0;
            for (NDArray leaf : leaves) {
              long to = from + leaf.size();
              NDArray row = gradients.get(new NDIndex(n + ", " + from + ":" + to));
              row.attach(scope);
              NDArray own = Autograd.gradient(leaf).reshape(-1);
              own.attach(scope);
              Autograd.copy(own, row);
              from = to;
            }
          }
          progress.accept(1);
        }
      }
    }
    return gradients;
  }

  @Override
  public NDArray gradient(NDManager owner, NDArray direction, double factor, int[] which) {
    try (Autograd.Mode off = Autograd.noGrad();
        NDManager scope = manager.newSubManager()) {
      place(Optional.of(direction), factor);
      backward(which);
      NDList flat = new NDList();
      for (NDArray leaf : leaves) {
        NDArray own = Autograd.gradient(leaf).reshape(-1);
        own.attach(scope);
        flat.add(own);
      }
      NDArray all = NDArrays.concat(flat);
      all.attach(owner);
      return all;
    }
  }

  @Override
  public double loss(NDArray direction, double factor, int[] which) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      place(Optional.of(direction), factor);
      double sum = 0;
      for (int first = 0; first < which.length; first += TOGETHER) {
        int count = Math.min(TOGETHER, which.length - first);
        try (NDManager scope = manager.newSubManager()) {
          sum +=
              (double)
                      model
                          .evaluate(
                              scope,
                              rows(scope, tokens, which, first, count),
                              rows(scope, targets, which, first, count))
                          .getFloat()
                  * count;
        }
      }
      return sum / which.length;
    }
  }

  /** Puts the gradient of the mean loss of some windows into the leaves. */
  private void backward(int[] which) {
    leaves.forEach(Autograd::zeroGradient);
    for (int first = 0; first < which.length; first += TOGETHER) {
      int count = Math.min(TOGETHER, which.length - first);
      try (NDManager scope = manager.newSubManager()) {
        model.forwardBackward(
            scope,
            rows(scope, tokens, which, first, count),
            rows(scope, targets, which, first, count),
            (double) count / which.length);
      }
    }
  }

  private NDArray rows(NDManager scope, long[] all, int[] which, int first, int count) {
    long[] rows = new long[count * context];
    for (int i = 0; i < count; i++) {
      System.arraycopy(all, which[first + i] * context, rows, i * context, context);
    }
    return scope.create(rows, new Shape(count, context));
  }

  private void place(Optional<NDArray> direction, double factor) {
    long from = 0;
    for (int i = 0; i < leaves.size(); i++) {
      NDArray leaf = leaves.get(i);
      Autograd.copy(base.get(i), leaf);
      long to = from + leaf.size();
      if (direction.isPresent() && factor != 0) {
        try (NDArray part = direction.get().get(new NDIndex(from + ":" + to));
            NDArray moved = part.mul(factor);
            NDArray shaped = moved.reshape(leaf.getShape())) {
          leaf.addi(shaped);
        }
      }
      from = to;
    }
  }

  @Override
  public void close() {
    model.close();
    manager.close();
  }
}
