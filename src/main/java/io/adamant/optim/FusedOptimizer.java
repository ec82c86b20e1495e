package io.adamant.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Optimizer;
import io.adamant.base.PublicApi;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptModule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An optimizer with two paths and one arithmetic: all parameters in one call for our own loop, and
 * DJL's {@code update} for anybody's {@code Training}.
 *
 * <p>Every step is w &larr; (1 &minus; &eta;&lambda;) w, then w &larr; w &minus; &eta;u, with the
 * learning rate &eta;, the decoupled weight decay &lambda; and the direction u that a subclass
 * defines.
 */
@PublicApi
public abstract class FusedOptimizer extends Optimizer implements AutoCloseable {

  private final OptimizerDefinition definition;
  private final Map<String, Object> settings;
  private final LearningRate learningRate;
  private final double weightDecay;
  private final Map<String, OptimizerState> djlStates = new HashMap<>();
  // DJL counts the largest of all parameters' updates; a step of ours belongs to its parameter.
  private final Map<String, Integer> djlSteps = new HashMap<>();
  private NDManager manager;
  private ScriptModule kernel;

  /**
   * Creates the optimizer.
   *
   * @param definition what it does
   * @param settings settings that differ from the defaults
   * @param learningRate the rate of each step, for DJL's path
   * @param weightDecay decoupled weight decay &lambda;, for DJL's path; it acts on arrays of two or
   *     more dimensions
   */
  protected FusedOptimizer(
      OptimizerDefinition definition,
      Map<String, Object> settings,
      LearningRate learningRate,
      double weightDecay) {
    super(new DjlBuilder());
    this.definition = definition;
    this.settings = definition.resolve(settings, "optimizer");
    this.learningRate = learningRate;
    this.weightDecay = weightDecay;
  }

  /**
   * What this optimizer does.
   *
   * @return its definition
   */
  public final OptimizerDefinition definition() {
    return definition;
  }

  /**
   * All settings, defaults included.
   *
   * @return sorted by name
   */
  public final Map<String, Object> settings() {
    return Map.copyOf(settings);
  }

  /**
   * Fresh state for some parameters: zeros, no steps taken.
   *
   * @param owner the manager that owns the state
   * @param names stable names of the parameters
   * @param parameters their arrays
   * @return the state
   */
  public final OptimizerState newState(NDManager owner, List<String> names, NDList parameters) {
    List<NDList> tensors = new ArrayList<>();
    for (String state : definition.states()) {
      NDList list = new NDList();
      for (NDArray parameter : parameters) {
        list.add(owner.zeros(stateShape(state, parameter.getShape()), parameter.getDataType()));
      }
      tensors.add(list);
    }
    return new OptimizerState(definition.states(), names, parameters, tensors, owner.create(0d));
  }

  /**
   * How much there is to remember about a parameter.
   *
   * @param parameter its shape
   * @return numbers in all of its state tensors
   */
  public final long stateSize(Shape parameter) {
    return definition.states().stream().mapToLong(s -> stateShape(s, parameter).size()).sum();
  }

  /**
   * The shape of a state tensor. A rule that does not need one for some parameters can say so here,
   * with a shape of one element.
   *
   * @param state its name
   * @param parameter the parameter's shape
   * @return the parameter's shape
   */
  protected Shape stateShape(String state, Shape parameter) {
    return parameter;
  }

  /**
   * Takes one step in place, of all parameters at once.
   *
   * @param state parameters and state
   * @param gradients of each parameter, in the state's order
   * @param gate () float64 on the same device: 1 to step, 0 to leave weights, state and step count
   *     as they are; with 0 the gradients must be finite (zero, say)
   * @param lr learning rate of this step
   * @param decay decoupled weight decay of these parameters
   */
  public final void step(
      OptimizerState state, NDList gradients, NDArray gate, double lr, double decay) {
    List<Object> arguments = arguments(state, gradients);
    arguments.add(gate);
    arguments.add(lr);
    arguments.add(decay);
    call(state, "step", arguments).close();
  }

  /**
   * The direction u of the last step, recomputed from state and gradient.
   *
   * @param state after the step
   * @param gradients as they were given to the step
   * @return one array per parameter; the caller closes them
   */
  public final NDList directions(OptimizerState state, NDList gradients) {
    return call(state, "directions", arguments(state, gradients));
  }

  /**
   * Sums of squares by parameter after a step.
   *
   * @param state after the step
   * @param gradients as they were given to the step
   * @return (n, 3 + number of state tensors) float64: of u, w, g, then each state tensor in the
   *     order of {@link OptimizerDefinition#states()}; the caller closes it
   */
  public final NDArray statistics(OptimizerState state, NDList gradients) {
    return call(state, "statistics", arguments(state, gradients)).singletonOrThrow();
  }

  /**
   * Whether the rule, with these settings, clips what it made of the gradients.
   *
   * @return whether {@link #clipped} can be asked
   */
  public final boolean clips() {
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
  public final NDArray clipped(OptimizerState state, NDList gradients) {
    if (!clips()) {
      throw new IllegalStateException(definition.type() + " does not clip with these settings");
    }
    return call(state, "clipped", arguments(state, gradients)).singletonOrThrow();
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
      manager = NDManager.newBaseManager(owner.getDevice());
      kernel = OptimizerKernel.compile(manager, definition, settings);
    }
    return kernel.call(owner, method, arguments.toArray());
  }

  /**
   * DJL's path: one parameter, one step, with the rate of this parameter's own step count.
   *
   * @param parameterId any stable key
   * @param weight the parameter, updated in place
   * @param grad its gradient
   */
  @Override
  public final void update(String parameterId, NDArray weight, NDArray grad) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      OptimizerState state = djlStates.get(parameterId);
      if (state == null) {
        NDManager owner = NDManager.newBaseManager(weight.getDevice());
        state = newState(owner, List.of(parameterId), new NDList(weight));
        djlStates.put(parameterId, state);
      }
      state = state.withParameters(new NDList(weight));
      double lr = learningRate.at(updateCount(parameterId) - 1L);
      double decay = weight.getShape().dimension() >= 2 ? weightDecay : 0;
      try (NDArray gate = state.steps().getManager().create(1d)) {
        step(state, new NDList(grad), gate, lr, decay);
      }
    }
  }

  @Override
  protected int updateCount(String parameterId) {
    return djlSteps.merge(parameterId, 1, Integer::sum);
  }

  @Override
  public final void close() {
    djlStates.values().forEach(state -> state.steps().getManager().close());
    djlStates.clear();
    if (kernel != null) {
      kernel.close();
      manager.close();
      kernel = null;
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
