package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.adamant.config.RunConfig;
import io.adamant.data.Batches;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.optim.ParameterGroup;
import io.adamant.tensor.Autograd;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A second model of the same shape and arithmetic that is given the run's weights, and batches of
 * an order of its own. It costs nothing until it is first asked.
 */
final class ModelProbe implements GradientProbe, AutoCloseable {

  private static final long OWN_ORDER = 0x5DEECE66DL;

  private final RunConfig config;
  private final TokenDataset data;
  private final KernelPath path;
  private final NDManager parent;
  private final ParameterGroups groups;
  private final Batches batches;
  private NDManager manager;
  private Gpt model;
  private final Map<String, NDArray> leaves = new LinkedHashMap<>();
  private final NDList copies = new NDList(); // one a parameter or piece, in the groups' order
  private final NDList gradients = new NDList();

  ModelProbe(
      RunConfig config,
      TokenDataset data,
      KernelPath path,
      NDManager parent,
      ParameterGroups groups) {
    this.config = config;
    this.data = data;
    this.path = path;
    this.parent = parent;
    this.groups = groups;
    this.batches =
        new Batches(
            data.train(),
            config.training().batch(),
            config.model().context(),
            config.training().seed() ^ OWN_ORDER);
  }

  @Override
  public NDList gradient(NDManager owner, long batch, double scale, NDList direction) {
    build();
    place(scale, direction);
    int count = config.training().accumulation();
    int sequences = config.training().microBatch();
    int context = config.model().context();
    Shape shape = new Shape(sequences, context);
    long[] tokens = new long[sequences * context];
    long[] targets = new long[tokens.length];
    try (NDManager scope = manager.newSubManager()) {
      for (int micro = 0; micro < count; micro++) {
        batches.fill(batch, micro * sequences, sequences, tokens, targets);
        try (NDManager activations = scope.newSubManager()) {
          model.forwardBackward(
              activations,
              activations.create(tokens, shape),
              activations.create(targets, shape),
              1.0 / count,
              config.training().checkpointActivations(),
              part -> {});
        }
      }
    }
    NDList result = new NDList();
    try (Autograd.Mode off = Autograd.noGrad()) {
      for (int i = 0; i < gradients.size(); i++) {
        NDArray gradient = gradients.get(i).duplicate();
        gradient.attach(owner);
        result.add(gradient);
      }
      leaves.values().forEach(Autograd::zeroGradient);
    }
    return result;
  }

  /** Copies the run's weights, moved along a direction. */
  private void place(double scale, NDList direction) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      int i = 0;
      for (ParameterGroup group : groups.all()) {
        for (NDArray weight : group.state().parameters()) {
          NDArray copy = copies.get(i);
          Autograd.copy(weight, copy);
          if (scale != 0) {
            try (NDArray step = direction.get(i).mul(scale)) {
              copy.addi(step);
            }
          }
          i++;
        }
      }
    }
  }

  private void build() {
    if (model != null) {
      return;
    }
    manager = parent.newSubManager();
    model = Session.model(manager, config, data, path);
    Map<String, Parameter> named = model.named();
    groups
        .frozen()
        .forEach(
            (name, array) -> {
              NDArray copy = named.get(name).getArray();
              Autograd.copy(array, copy);
              Autograd.requireGradient(copy, false);
            });
    for (ParameterGroup group : groups.all()) {
      for (String name : group.state().names()) {
        FusedMatrices.Piece piece = groups.pieces().get(name);
        String whole = piece == null ? name : piece.whole();
        NDArray leaf = named.get(whole).getArray();
        if (leaves.put(whole, leaf) == null) {
          Autograd.requireGradient(leaf, true);
        }
        NDArray gradient = Autograd.gradient(leaf);
        copies.add(piece == null ? leaf : piece.of(leaf));
        gradients.add(piece == null ? gradient : piece.of(gradient));
      }
    }
  }

  @Override
  public void close() {
    if (model != null) {
      model.close();
      manager.close();
    }
  }
}
