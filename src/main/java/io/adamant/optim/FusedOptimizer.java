package io.adamant.optim;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.tensor.Autograd;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An optimizer with two paths and one arithmetic: all parameters in one call for our own loop, and
 * DJL's {@code update} for anybody's {@code Trainer}.
 *
 * <p>Every step is w &larr; (1 &minus; &eta;&lambda;) w, then w &larr; w &minus; &eta;u, with the
 * learning rate &eta;, the decoupled weight decay &lambda; and the direction u that the definition
 * says.
 *
 * <p>Nothing has to be closed: what an optimizer holds outside of Java is freed after the optimizer
 * was collected. {@link #close} frees the state of DJL's path at once.
 */
@PublicApi
public final class FusedOptimizer extends Optimizer implements AutoCloseable {

  private final OptimizerDefinition definition;
  private final OptimizerDefinition applied; // what the settings of its average make of it
  private final Map<String, Object> settings;
  private final LearningRate learningRate;
  private final double weightDecay;
  private final Map<String, OptimizerState> djlStates = new HashMap<>();
  // DJL counts the largest of all parameters' updates; a step of ours belongs to its parameter.
  private final Map<String, Integer> djlSteps = new HashMap<>();
  private final Owned owned = new Owned();
  private OptimizerKernel kernel;

  private FusedOptimizer(Builder builder, Map<String, Object> settings) {
    super(new DjlBuilder());
    this.definition = builder.definition;
    this.settings = settings;
    this.applied = definition.with(settings);
    this.learningRate = builder.learningRate;
    this.weightDecay = builder.weightDecay;
    OptimizerKernel.CLEANER.register(this, owned::close);
  }

  /**
   * Starts an optimizer.
   *
   * @param definition what it does
   * @return a builder with default settings
   */
  public static Builder builder(OptimizerDefinition definition) {
    return new Builder(definition);
  }

  /**
   * What this optimizer does, but for its settings.
   *
   * @return its definition
   */
  public OptimizerDefinition definition() {
    return definition;
  }

  /**
   * All settings, defaults included.
   *
   * @return sorted by name
   */
  public Map<String, Object> settings() {
    return Map.copyOf(settings);
  }

  /**
   * Fresh state for some parameters, no steps taken: zeros, and copies of weights where the rule
   * starts from them.
   *
   * @param owner the manager that owns the state
   * @param names stable names of the parameters
   * @param parameters their arrays
   * @return the state
   * @throws InputException if the rule takes matrices only and a parameter is none
   */
  public OptimizerState newState(NDManager owner, List<String> names, NDList parameters) {
    for (int i = 0; i < names.size(); i++) {
      if (!definition.takes(parameters.get(i).getShape())) {
        throw new InputException(
            "%s takes matrices; %s has the shape %s"
                .formatted(definition.type(), names.get(i), parameters.get(i).getShape()));
      }
    }
    List<NDList> tensors = new ArrayList<>();
    for (String state : applied.states()) {
      NDList list = new NDList();
      for (NDArray parameter : parameters) {
        list.add(start(owner, state, parameter));
      }
      tensors.add(list);
    }
    return new OptimizerState(applied.states(), names, parameters, tensors, owner.create(0d));
  }

  /**
   * Takes the weights as they are now for the start of what starts from weights.
   *
   * @param state without a step taken, of parameters that were loaded since
   */
  public void startFromWeights(OptimizerState state) {
    for (int s = 0; s < state.states().size(); s++) {
      if (applied.kinds().get(state.states().get(s)) == StateKind.WEIGHTS) {
        for (int i = 0; i < state.parameters().size(); i++) {
          state.parameters().get(i).copyTo(state.tensors().get(s).get(i));
        }
      }
    }
  }

  /**
   * How much there is to remember about a parameter.
   *
   * @param parameter its shape
   * @return numbers in all of its state tensors
   */
  public long stateSize(Shape parameter) {
    return applied.states().stream()
        .mapToLong(s -> applied.stateShape(s, parameter, settings).size())
        .sum();
  }

  private NDArray start(NDManager owner, String state, NDArray parameter) {
    if (applied.kinds().get(state) == StateKind.WEIGHTS) {
      NDArray copy = parameter.duplicate();
      copy.attach(owner);
      return copy;
    }
    Shape shape = applied.stateShape(state, parameter.getShape(), settings);
    return owner.zeros(shape, parameter.getDataType());
  }

  /**
   * Takes one step in place, of all parameters at once. Where the rule sums over parameters, these
   * are all of them; {@link ParameterGroup#step} takes a step of several groups.
   *
   * @param state parameters and state
   * @param gradients of each parameter, in the state's order
   * @param gate () float64 on the same device: 1 to step, 0 to leave weights, state and step count
   *     as they are; with 0 the gradients must be finite (zero, say)
   * @param lr learning rate of this step
   * @param decay weight decay &lambda; of these parameters, to be multiplied as the setting {@code
   *     decay} says; {@code decay: l2} adds it to the gradients, in place
   */
  public void step(OptimizerState state, NDList gradients, NDArray gate, double lr, double decay) {
    call(state, "step", arguments(state, gradients, gate, lr, decay)).close();
  }

  /**
   * The first part of a step of a rule with sums: advances the state.
   *
   * @return the sums over these parameters, (k) float64; the caller closes them
   */
  NDArray gather(OptimizerState state, NDList gradients, NDArray gate, double lr, double decay) {
    return call(state, "gather", arguments(state, gradients, gate, lr, decay)).singletonOrThrow();
  }

  /** The second part, with the sums over all parameters of the rule: moves the weights. */
  void conclude(
      OptimizerState state, NDList gradients, NDArray gate, double lr, double decay, NDArray sums) {
    List<Object> arguments = arguments(state, gradients, gate, lr, decay);
    arguments.add(sums);
    call(state, "conclude", arguments).close();
  }

  /**
   * The tensors that are to be written before a step, as {@link StateKind#inputs} has them.
   *
   * @param kind what they are
   * @return one of each parameter; empty where the rule takes no such input
   */
  public Optional<NDList> given(OptimizerState state, StateKind kind) {
    for (int s = 0; s < state.states().size(); s++) {
      if (applied.kinds().get(state.states().get(s)) == kind) {
        return Optional.of(state.tensors().get(s));
      }
    }
    return Optional.empty();
  }

  /**
   * Whether a step is one that an input is due at.
   *
   * @param kind one that comes once in an interval, such as a sampled gradient
   * @param step 0 for the first
   * @return true at each step that the rule's setting for it divides, the first included; false for
   *     a rule that takes none
   */
  public boolean takesAt(StateKind kind, long step) {
    return applied.kinds().containsValue(kind)
        && step % ((Number) settings.get(kind.interval().orElseThrow())).longValue() == 0;
  }

  /**
   * Whether a step of several groups of parameters is one, since the rule sums over all of them.
   */
  boolean sums() {
    return !definition.sums().isEmpty();
  }

  /** Whether another one's parameters belong to the same rule. */
  boolean sameRule(FusedOptimizer other) {
    return definition.equals(other.definition) && settings.equals(other.settings);
  }

  /**
   * Whether the weights to evaluate at are others than those that are trained.
   *
   * @return whether {@link #averaged} can be asked
   */
  public boolean averages() {
    return !definition.averaged().isEmpty();
  }

  /**
   * The weights that the rule means to be evaluated at, which follow from the weights that are
   * trained and the state.
   *
   * @param state after the step
   * @return one array per parameter; the caller closes them
   * @throws IllegalStateException if they are the weights that are trained
   */
  public NDList averaged(OptimizerState state) {
    if (!averages()) {
      throw new IllegalStateException(definition.type() + " is evaluated at the weights it trains");
    }
    List<Object> arguments = new ArrayList<>();
    arguments.add(state.parameters());
    arguments.addAll(state.tensors());
    arguments.add(state.steps());
    return call(state, "averaged", arguments);
  }

  /**
   * What a step's rate is multiplied by to get the share of the weights that decays.
   *
   * @param decay &lambda;
   * @param lr &eta; of the step
   * @return &lambda; where the decay is coupled; &lambda;/&eta;_max where it follows the schedule
   *     alone; &lambda;&eta;/&eta;_max where it is corrected
   * @throws IllegalStateException if &eta;_max is asked for and the learning rate does not know it
   */
  public double perRate(double decay, double lr) {
    return new Multipliers(settings).decay().perRate(decay, lr, learningRate.highest());
  }

  /**
   * Whether weight decay acts on a parameter.
   *
   * @param name stable name
   * @param shape of the parameter
   * @return as the setting {@code decay_on} says; matrices decay without it
   */
  public boolean decays(String name, Shape shape) {
    return new Multipliers(settings).decays(name, shape.dimension() >= 2);
  }

  /**
   * Whether a step is one factor on all weights of a tensor and &eta;u, so that the RMS of the
   * weights follows from that of u.
   *
   * @return false for decay of single coordinates or through the gradient, for constraints, and for
   *     rules that move the weights themselves
   */
  public boolean shrinksAlike() {
    return definition.moved().isEmpty() && new Multipliers(settings).shrinksAlike();
  }

  /**
   * Whether the direction is the one of the rule's formula.
   *
   * @return false where the direction is given other than the average gradient
   */
  public boolean asFormula() {
    return !Momentum.acts(settings);
  }

  /**
   * Settings that act on matrices only.
   *
   * @return their names; empty where none is set
   */
  public List<String> ofMatrices() {
    return Multipliers.ofMatrices(settings);
  }

  /**
   * The direction u of the last step, recomputed from state and gradient.
   *
   * @param state after the step
   * @param gradients as they were given to the step
   * @return one array per parameter; the caller closes them
   */
  public NDList directions(OptimizerState state, NDList gradients) {
    return call(state, "directions", arguments(state, gradients));
  }

  /**
   * Sums of squares by parameter after a step.
   *
   * @param state after the step
   * @param gradients as they were given to the step
   * @return (n, 3 + number of state tensors) float64: of u, w, g, then each state tensor in the
   *     order of {@link OptimizerState#states()}; the caller closes it
   */
  public NDArray statistics(OptimizerState state, NDList gradients) {
    return call(state, "statistics", arguments(state, gradients)).singletonOrThrow();
  }

  /**
   * Whether the rule, with these settings, clips what it made of the gradients.
   *
   * @return whether {@link #clipped} can be asked
   */
  public boolean clips() {
    return settings.get(definition.momentumClip().setting()) instanceof Number limit
        && limit.doubleValue() > 0;
  }

  /**
   * Coordinates that the rule's own clip cut in the last step.
   *
   * @param state after the step
   * @param gradients as they were given to the step
   * @return their number, () float64; the caller closes it
   * @throws IllegalStateException if the rule does not clip
   */
  public NDArray clipped(OptimizerState state, NDList gradients) {
    if (!clips()) {
      throw new IllegalStateException(definition.type() + " does not clip with these settings");
    }
    return call(state, "clipped", arguments(state, gradients)).singletonOrThrow();
  }

  private List<Object> arguments(
      OptimizerState state, NDList gradients, NDArray gate, double lr, double decay) {
    List<Object> arguments = arguments(state, gradients);
    arguments.add(gate);
    arguments.add(lr);
    arguments.add(perRate(decay, lr));
    return arguments;
  }

  private static List<Object> arguments(OptimizerState state, NDList gradients) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(state.parameters());
    arguments.add(gradients);
    arguments.addAll(state.tensors());
    arguments.add(state.steps());
    return arguments;
  }

  private NDList call(OptimizerState state, String method, List<Object> arguments) {
    NDManager owner = state.steps().getManager();
    if (kernel == null) {
      kernel = OptimizerKernel.of(applied, settings, owner.getDevice());
    }
    return kernel.call(owner, method, arguments);
  }

  /**
   * DJL's path: one parameter, one step, with the rate of this parameter's own step count. A rule
   * that sums over all parameters sums over this one.
   *
   * @param parameterId any stable key
   * @param weight the parameter, updated in place
   * @param grad its gradient
   * @throws IllegalStateException if the optimizer was built without a learning rate, or its rule
   *     needs more than gradients
   */
  @Override
  public void update(String parameterId, NDArray weight, NDArray grad) {
    if (applied.kinds().values().stream().anyMatch(StateKind::isInput)) {
      throw new IllegalStateException(
          definition.type() + " needs more than gradients, which DJL's trainer does not give");
    }
    try (Autograd.Mode off = Autograd.noGrad()) {
      OptimizerState state = djlStates.get(parameterId);
      if (state == null) {
        state = newState(djlManager(weight.getDevice()), List.of(parameterId), new NDList(weight));
        djlStates.put(parameterId, state);
      }
      state = state.withParameters(new NDList(weight));
      double lr = learningRate.at(updateCount(parameterId) - 1L);
      double decay = decays(parameterId, weight.getShape()) ? weightDecay : 0;
      try (NDArray gate = state.steps().getManager().create(1d)) {
        step(state, new NDList(grad), gate, lr, decay);
      }
    } finally {
      Reference.reachabilityFence(this); // or the state could be freed under the kernel's hands
    }
  }

  @Override
  protected int updateCount(String parameterId) {
    return djlSteps.merge(parameterId, 1, Integer::sum);
  }

  /** Owner of the state of DJL's path. */
  NDManager djlManager(Device device) {
    return owned.manager(device);
  }

  /** Frees the state of DJL's path at once; the next update starts anew. */
  @Override
  public void close() {
    djlStates.clear();
    djlSteps.clear();
    owned.close();
    kernel = null;
  }

  /** The state's memory. It must not lead to the optimizer, which would then never be collected. */
  private static final class Owned implements AutoCloseable {
    private final Map<Device, NDManager> managers = new HashMap<>();

    synchronized NDManager manager(Device device) {
      return managers.computeIfAbsent(device, NDManager::newBaseManager);
    }

    @Override
    public synchronized void close() {
      managers.values().forEach(NDManager::close);
      managers.clear();
    }
  }

  /** Collects settings, learning rate and weight decay of a {@link FusedOptimizer}. */
  public static final class Builder {
    private final OptimizerDefinition definition;
    private final Map<String, Object> settings = new HashMap<>();
    private String where;
    private LearningRate learningRate =
        step -> {
          throw new IllegalStateException(
              "no learning rate; call optLearningRate or optLearningRateTracker on the builder");
        };
    private double weightDecay;

    private Builder(OptimizerDefinition definition) {
      this.definition = definition;
      this.where = definition.type();
    }

    /**
     * Changes a setting, such as {@code set("beta1", 0.9)}.
     *
     * @param name one of the definition's settings
     * @param value a number, a {@code Boolean} or a word
     * @return this
     * @throws InputException if there is no such setting or the value is not allowed
     */
    public Builder set(String name, Object value) {
      String names = String.join(", ", definition.settingNames());
      String all = definition.type() + " has " + (names.isEmpty() ? "no settings" : names);
      OptimizerSetting setting =
          definition
              .kernelSettings()
              .filter(known -> known.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new InputException(name + ": unknown setting; " + all));
      // As its decimals are read: 0.9f means 0.9.
      Object plain = value instanceof Number ? Double.valueOf(value.toString()) : value;
      if (setting.accept(plain).isEmpty()) {
        throw new InputException(
            "%s: %s is not allowed; allowed: %s; %s"
                .formatted(name, OptimizerDefinition.quoted(value), setting.allowed(), all));
      }
      settings.put(name, plain);
      return this;
    }

    /** All settings of a configuration, checked by {@link #build}. */
    Builder settings(Map<String, Object> given, String section) {
      settings.putAll(given);
      where = section;
      return this;
    }

    /**
     * Sets the learning rate &eta; as a function of the step, 0 for a parameter's first.
     *
     * @param rate such as {@code step -> 3e-3}
     * @return this
     */
    public Builder optLearningRate(LearningRate rate) {
      learningRate = rate;
      return this;
    }

    /**
     * Sets the learning rate &eta; by one of DJL's trackers, which is asked as DJL's own optimizers
     * ask it: with 1 for a parameter's first step.
     *
     * @param tracker the rate
     * @return this
     */
    public Builder optLearningRateTracker(Tracker tracker) {
      return optLearningRate(step -> tracker.getNewValue(Math.toIntExact(step + 1)));
    }

    /**
     * Sets the weight decay &lambda;, which acts on arrays of two or more dimensions unless {@code
     * decay_on} says otherwise; 0 without this.
     *
     * @param decay &lambda; &ge; 0
     * @return this
     * @throws InputException if the decay is negative or not finite
     */
    public Builder optWeightDecay(double decay) {
      if (!(decay >= 0 && Double.isFinite(decay))) {
        throw InputException.badValue("weight decay", decay, "a number >= 0");
      }
      weightDecay = decay;
      return this;
    }

    /**
     * The optimizer.
     *
     * @return it, without state
     * @throws InputException if settings exclude each other
     */
    public FusedOptimizer build() {
      Map<String, Object> resolved = definition.resolve(settings, where);
      new Multipliers(resolved).check(where, weightDecay);
      return new FusedOptimizer(this, resolved);
    }
  }

  /** DJL's own options are float32 and one-sided; they stay at their neutral values. */
  private static final class DjlBuilder extends OptimizerBuilder<DjlBuilder> {
    @Override
    protected DjlBuilder self() {
      return this;
    }
  }
}
