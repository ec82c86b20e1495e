package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.config.GroupConfig;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.model.ModelSize;
import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.LearningRate;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import io.adamant.optim.Others;
import io.adamant.optim.ParameterGroup;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Parts the parameters into what one optimizer steps with one rate and one decay.
 *
 * <p>Each group of the configuration, and the rest, is parted again into matrices, which decay, and
 * vectors, which do not: shrinking a norm's gain would change the function, not regularise it. The
 * optimizer's setting {@code decay_on} changes that.
 *
 * <p>A group with the rate 0 is frozen and none of these: its parameters have no gradient, so that
 * neither norms nor clipping know them, and no optimizer.
 */
public final class ParameterGroups implements AutoCloseable {

  /** Matrices that the decay is kept from. */
  private static final String UNDECAYED = "undecayed";

  private final NDManager manager;
  private final LearningRate learningRate;
  private final List<FusedOptimizer> optimizers = new ArrayList<>();
  private final List<ParameterGroup> groups = new ArrayList<>();
  private final Map<String, NDArray> frozen = new LinkedHashMap<>();
  private final Map<String, NDArray> fused = new LinkedHashMap<>();
  private final Map<String, FusedMatrices.Piece> pieces = new LinkedHashMap<>();

  /**
   * Builds the groups with fresh optimizer state. From here on, parameters that are trained require
   * a gradient and the others none.
   *
   * @param config resolved
   * @param named every parameter by its stable name
   * @throws InputException as {@link #size}
   */
  ParameterGroups(
      NDManager manager, RunConfig config, Map<String, NDArray> named, LearningRate learningRate) {
    this.manager = manager;
    this.learningRate = learningRate;
    Tensors<NDArray> arrays =
        new Tensors<>() {
          @Override
          public Shape shape(NDArray array) {
            return array.getShape();
          }

          @Override
          public NDArray piece(FusedMatrices.Piece piece, String name, NDArray array) {
            fused.put(piece.whole(), array);
            pieces.put(name, piece);
            return piece.of(array);
          }
        };
    parts(config, named, arrays)
        .forEach(
            part -> {
              if (part.lrScale() == 0) {
                frozen.putAll(part.members());
                part.members().values().forEach(array -> Autograd.requireGradient(array, false));
              } else {
                add(part);
              }
            });
  }

  /** What is trained. */
  List<ParameterGroup> all() {
    return List.copyOf(groups);
  }

  /** The other parameters, by name. */
  Map<String, NDArray> frozen() {
    return Collections.unmodifiableMap(frozen);
  }

  /** Matrices that an optimizer steps in pieces, by name. */
  Map<String, NDArray> fused() {
    return Collections.unmodifiableMap(fused);
  }

  /** Those pieces, by name. */
  Map<String, FusedMatrices.Piece> pieces() {
    return Collections.unmodifiableMap(pieces);
  }

  /** Weights by name, with the pieces of fused matrices put together. */
  Map<String, NDArray> joined(NDManager scope, Map<String, NDArray> weights) {
    Map<String, NDArray> joined = new TreeMap<>(weights);
    Map<String, NDList> found = new LinkedHashMap<>();
    pieces.forEach(
        (name, piece) ->
            found.computeIfAbsent(piece.whole(), w -> new NDList()).add(joined.remove(name)));
    found.forEach(
        (whole, rows) -> {
          NDArray matrix = NDArrays.concat(rows);
          matrix.attach(scope);
          joined.put(whole, matrix);
        });
    return joined;
  }

  /** What the parts of a model are made of: arrays, or their shapes alone. */
  private interface Tensors<T> {
    Shape shape(T tensor);

    T piece(FusedMatrices.Piece piece, String name, T whole);
  }

  private static final Tensors<Shape> SHAPES =
      new Tensors<>() {
        @Override
        public Shape shape(Shape shape) {
          return shape;
        }

        @Override
        public Shape piece(FusedMatrices.Piece piece, String name, Shape whole) {
          return piece.of(whole);
        }
      };

  /**
   * The size of a run's model, and what of it the run trains.
   *
   * @param config of the run
   * @param vocabulary of its tokenizer, before padding
   * @return the size
   * @throws InputException if a group has no parameter, a parameter has two groups, or all of them
   *     are frozen
   */
  public static ModelSize size(RunConfig config, int vocabulary) {
    int padded = config.model().paddedVocabulary(vocabulary);
    Map<String, Shape> shapes = new ModelSize(config.model(), padded).shapes();
    Set<String> frozen = new TreeSet<>();
    parts(config, shapes, SHAPES).stream()
        .filter(part -> part.lrScale() == 0)
        .forEach(part -> frozen.addAll(part.members().keySet()));
    if (frozen.equals(shapes.keySet())) {
      throw new InputException(
          "groups: all parameters are frozen by lr_scale: 0; expected: some to train");
    }
    return new ModelSize(config.model(), padded, frozen);
  }

  /**
   * The size of a run's optimizer state.
   *
   * @param config resolved
   * @param shapes of the parameters, by stable name
   * @return numbers that the optimizers hold, without their step counters
   */
  public static long stateSize(RunConfig config, Map<String, Shape> shapes) {
    long total = 0;
    for (Part<Shape> part : parts(config, shapes, SHAPES)) {
      if (part.lrScale() == 0) {
        continue;
      }
      try (FusedOptimizer optimizer =
          Optimizers.create(part.type(), part.settings(), LearningRate.constant(0), 0)) {
        total += part.members().values().stream().mapToLong(optimizer::stateSize).sum();
      }
    }
    return total;
  }

  /**
   * Parameters that one optimizer steps.
   *
   * @param prefix of the names of its groups
   * @param type of the optimizer
   * @param settings of it
   * @param lrScale factor on the run's rate
   * @param weightDecay of its matrices
   * @param members by stable name
   */
  private record Part<T>(
      String prefix,
      String type,
      Map<String, Object> settings,
      double lrScale,
      double weightDecay,
      Map<String, T> members) {}

  private static <T> List<Part<T>> parts(
      RunConfig config, Map<String, T> named, Tensors<T> tensors) {
    FusedMatrices matrices = new FusedMatrices(config.model());
    OptimizerConfig rule = config.optimizer();
    List<Part<T>> parts = new ArrayList<>();
    members(config.groups(), named)
        .forEach(
            (name, members) -> {
              GroupConfig group = config.groups().get(name);
              if (group == null) {
                Map<String, Object> settings = rule.settings();
                Predicate<String> taken = parameter -> parameter.startsWith("layers.");
                double decay = rule.weightDecay();
                Part<T> part = new Part<>("", rule.type(), settings, 1, decay, members);
                addParts(parts, part, rule.lr(), taken, matrices, tensors);
                return;
              }
              GroupConfig full = group.inheriting(rule);
              Part<T> part =
                  new Part<>(
                      name + ".",
                      full.optimizer(),
                      full.settings(),
                      full.lrScale(),
                      full.weightDecay().orElse(0),
                      members);
              Predicate<String> chosen = parameter -> true; // by name
              addParts(parts, part, rule.lr(), chosen, matrices, tensors);
            });
    return parts;
  }

  /** Parts what a rule of matrices does not take from what it takes. */
  private static <T> void addParts(
      List<Part<T>> parts,
      Part<T> part,
      double rate,
      Predicate<String> taken,
      FusedMatrices matrices,
      Tensors<T> tensors) {
    OptimizerDefinition definition = Optimizers.definition(part.type());
    Map<String, T> own = new LinkedHashMap<>();
    Map<String, T> rest = new LinkedHashMap<>();
    boolean all = definition.tensors() != OptimizerDefinition.Tensors.MATRICES;
    part.members()
        .forEach(
            (name, member) -> {
              boolean takes = taken.test(name) && definition.takes(tensors.shape(member));
              if (!all && takes && part.lrScale() != 0) {
                putPieces(own, name, member, matrices.pieces(name, part.settings()), tensors);
              } else {
                (all || takes ? own : rest).put(name, member);
              }
            });
    parts.add(
        new Part<>(
            part.prefix(), part.type(), part.settings(), part.lrScale(), part.weightDecay(), own));
    if (!rest.isEmpty()) {
      Others others = Others.of(part.settings(), rate, part.weightDecay());
      parts.add(
          new Part<>(
              part.prefix() + "others.",
              others.type(),
              others.settings(),
              part.lrScale() * others.lrScale(),
              others.weightDecay(),
              rest));
    }
  }

  private static <T> void putPieces(
      Map<String, T> into,
      String name,
      T whole,
      Map<String, FusedMatrices.Piece> pieces,
      Tensors<T> tensors) {
    if (pieces.isEmpty()) {
      into.put(name, whole);
    }
    pieces.forEach((part, piece) -> into.put(part, tensors.piece(piece, part, whole)));
  }

  /** Parameters by group, "" being the rest: each parameter in exactly one. */
  static <T> Map<String, Map<String, T>> members(
      Map<String, GroupConfig> groups, Map<String, T> named) {
    Map<String, Map<String, T>> members = new LinkedHashMap<>();
    members.put("", new LinkedHashMap<>());
    groups.keySet().forEach(name -> members.put(name, new LinkedHashMap<>()));
    named.forEach((name, value) -> members.get(groupOf(name, groups)).put(name, value));
    members.forEach(
        (name, parameters) -> {
          if (!name.isEmpty() && parameters.isEmpty()) {
            throw InputException.badValue(
                "groups." + name + ".match",
                groups.get(name).match(),
                "an expression that matches a parameter; there are "
                    + String.join(", ", named.keySet()));
          }
        });
    return members;
  }

  private static String groupOf(String parameter, Map<String, GroupConfig> groups) {
    List<String> matching =
        groups.keySet().stream().filter(name -> groups.get(name).matches(parameter)).toList();
    if (matching.size() > 1) {
      throw new InputException(
          "groups.%s.match: the parameter %s also belongs to the group %s; expected: one group each"
              .formatted(matching.get(1), parameter, matching.get(0)));
    }
    return matching.isEmpty() ? "" : matching.get(0);
  }

  private void add(Part<NDArray> part) {
    FusedOptimizer optimizer =
        Optimizers.create(
            part.type(), part.settings(), learningRate.times(part.lrScale()), part.weightDecay());
    optimizers.add(optimizer);
    Map<String, Map<String, NDArray>> kinds = new LinkedHashMap<>();
    Stream.of("matrices", "vectors", UNDECAYED).forEach(k -> kinds.put(k, new LinkedHashMap<>()));
    part.members()
        .forEach(
            (name, array) -> {
              boolean matrix = array.getShape().dimension() >= 2;
              boolean apart = matrix && !optimizer.decays(name, array.getShape());
              kinds.get(apart ? UNDECAYED : matrix ? "matrices" : "vectors").put(name, array);
            });
    if (!part.members().isEmpty() && kinds.get("vectors").size() == part.members().size()) {
      optimizer.ofMatrices().stream()
          .findFirst()
          .ifPresent(
              setting -> {
                throw new InputException(
                    "%s.%s: it acts on matrices, and there are only vectors: %s"
                        .formatted(
                            part.prefix().isEmpty()
                                ? "optimizer"
                                : "groups." + part.prefix().replaceFirst("[.]$", ""),
                            setting,
                            String.join(", ", part.members().keySet())));
              });
    }
    kinds.forEach(
        (kind, members) -> {
          boolean decays =
              members.entrySet().stream()
                  .anyMatch(m -> optimizer.decays(m.getKey(), m.getValue().getShape()));
          double decay = decays ? part.weightDecay() : 0;
          add(part.prefix() + kind, optimizer, members, part.lrScale(), decay);
        });
  }

  private void add(
      String name,
      FusedOptimizer optimizer,
      Map<String, NDArray> parameters,
      double lrScale,
      double weightDecay) {
    if (!parameters.isEmpty()) {
      NDList arrays = new NDList(List.copyOf(parameters.values()));
      NDList gradients = new NDList();
      parameters.forEach((parameter, array) -> gradients.add(gradient(parameter, array)));
      List<String> names = List.copyOf(parameters.keySet());
      groups.add(
          new ParameterGroup(
              name,
              optimizer,
              optimizer.newState(manager, names, arrays),
              gradients,
              lrScale,
              weightDecay));
    }
  }

  /** The gradient of a parameter, or of a piece, from here on filled by the backward pass. */
  private NDArray gradient(String name, NDArray array) {
    FusedMatrices.Piece piece = pieces.get(name);
    NDArray leaf = piece == null ? array : fused.get(piece.whole());
    Autograd.requireGradient(leaf, true);
    NDArray gradient = Autograd.gradient(leaf);
    return piece == null ? gradient : piece.of(gradient);
  }

  @Override
  public void close() {
    optimizers.forEach(FusedOptimizer::close);
  }
}
