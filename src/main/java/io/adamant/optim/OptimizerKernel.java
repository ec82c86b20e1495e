package io.adamant.optim;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts the parts of an {@link OptimizerDefinition} into a module that works on all parameters in
 * one call.
 *
 * <p>Its methods: {@code step(params, grads, states..., t, gate, lr, decay)} takes one step in
 * place; {@code directions(params, grads, states..., t)} recomputes u of the last step; {@code
 * statistics(...)} sums the squares of u, w, g and of each state tensor by parameter, (n, 3 +
 * states), float64; {@code clipped(...)}, where the rule has a clip of its own, counts the
 * coordinates that it cut, () float64. Names of its own end with _, which those of a definition may
 * not.
 */
final class OptimizerKernel {

  /** Frees what the garbage collector finds that nobody uses any more. */
  static final Cleaner CLEANER = Cleaner.create();

  private record Key(OptimizerDefinition definition, Map<String, Object> settings, Device device) {}

  private static final Map<Key, WeakReference<OptimizerKernel>> SHARED = new HashMap<>();

  /**
   * Coordinates worked on at a time, 2 MiB of each tensor: a piece of weight, gradient, states and
   * temporaries stays in the caches between the operators of the formula, and is long enough that
   * each operator's work outweighs waking the other threads for it. Measured at 10 M parameters:
   * pieces of 2^15, which stay on one thread, take 1.6 to 3.7 times as long.
   */
  private static final int PIECE = 1 << 19;

  /** Coordinates in a float32 sum of squares; such sums are added up in float64. */
  private static final int SUM = 1 << 15;

  private static final String STEP =
      """
      def update(self, w: Tensor, g: Tensor{state_arguments}, t: Tensor, gate: Tensor) -> None:
      {update}
      def direction(self, g: Tensor{state_arguments}, t: Tensor) -> Tensor:
      {direction}
      {moved}
      def heading(self, g: Tensor{state_arguments}, t: Tensor) -> Tensor:
        u_ = self.direction(g{state_values}, t)
      {on_direction}
        return u_
      def loop(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor, gate: Tensor, lr: float, decay: float) -> None:
        t.add_(gate)
        # A step that is gated off before the first good one still divides by 1 - beta^t.
        now_ = torch.clamp(t, 1.0)
        like_ = params[0]
        gate_ = gate.to(like_.dtype)
        {go}
        rate_ = (go_ * -lr).to(like_.dtype)
        shrink_ = (go_ * (-lr * decay)).to(like_.dtype)
        for i_ in range(len(params)):
          n_ = params[i_].numel()
          piece_ = {piece}
          for a_ in range(0, n_, piece_):
            b_ = min(piece_, n_ - a_)
            p_ = {cut_p}
            g = {cut_g}
      {cut_states}
      {on_gradient}
            self.update(p_, g{state_values}, now_, gate_)
            u_ = self.heading(g{state_values}, now_)
      {on_weights}
      def directions(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor) -> List[Tensor]:
        now_ = torch.clamp(t, 1.0)
        us_: List[Tensor] = []
        for i_ in range(len(params)):
          us_.append(self.heading(grads[i_]{state_items}, now_).clone())
        return us_
      def statistics(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor) -> Tensor:
        now_ = torch.clamp(t, 1.0)
        rows_: List[Tensor] = []
        for i_ in range(len(params)):
          n_ = params[i_].numel()
          sums_ = torch.zeros([{columns}], dtype=torch.float64, device=params[i_].device)
          piece_ = {sum_piece}
          for a_ in range(0, n_, piece_):
            b_ = min(piece_, n_ - a_)
            p_ = {cut_p}
            g = {cut_g}
      {cut_states}
            u_ = self.heading(g{state_values}, now_)
            sums_.add_(torch.stack([square_sum(u_), square_sum(p_), square_sum(g){state_sums}]))
          rows_.append(sums_)
        return torch.stack(rows_)
      """;

  private static final String CLIPPED =
      """
      def clipped(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor) -> Tensor:
        now_ = torch.clamp(t, 1.0)
        count_ = torch.zeros_like(t)
        for i_ in range(len(params)):
          count_.add_(torch.sum(self.cut(grads[i_]{state_items}, now_)).to(torch.float64))
        return count_
      def cut(self, g: Tensor{state_arguments}, t: Tensor) -> Tensor:
      {cut}
      """;

  /** The first step has t = 1, and leaves the weights of a rule that it only fills. */
  private static final String GO_SECOND = "go_ = gate * (t > 1.0).to(gate.dtype)";

  private final ScriptModule module;

  private OptimizerKernel(ScriptModule module) {
    this.module = module;
  }

  /**
   * The kernel for fixed settings: compiled when nobody has it yet, and freed after the last
   * optimizer that has it was collected.
   *
   * @param definition the optimizer
   * @param settings resolved by {@link OptimizerDefinition#resolve}
   * @param device where it runs
   * @return the kernel
   */
  static OptimizerKernel of(
      OptimizerDefinition definition, Map<String, Object> settings, Device device) {
    Key key = new Key(definition, settings, device);
    synchronized (SHARED) {
      WeakReference<OptimizerKernel> known = SHARED.get(key);
      OptimizerKernel kernel = known == null ? null : known.get();
      if (kernel == null) {
        NDManager manager = NDManager.newBaseManager(device);
        ScriptModule module = compile(manager, definition, settings);
        kernel = new OptimizerKernel(module);
        SHARED.put(key, new WeakReference<>(kernel));
        CLEANER.register(
            kernel,
            () -> {
              module.close();
              manager.close();
              synchronized (SHARED) {
                SHARED.computeIfPresent(key, (k, next) -> next.get() == null ? null : next);
              }
            });
      }
      return kernel;
    }
  }

  /** Kernels that are compiled now, for tests. */
  static int compiled() {
    synchronized (SHARED) {
      return SHARED.size();
    }
  }

  /** Calls a method; the results belong to the owner. */
  NDList call(NDManager owner, String method, List<Object> arguments) {
    try {
      return module.call(owner, method, arguments.toArray());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private static ScriptModule compile(
      NDManager manager, OptimizerDefinition definition, Map<String, Object> settings) {
    ScriptArchive archive =
        new ScriptArchive(
            ScriptModule.resource("optimizer.py") + definition.helpers(),
            methods(definition, settings),
            constants(definition, settings));
    try {
      return new ScriptModule(manager, archive);
    } catch (EngineException e) {
      manager.close();
      throw KernelErrors.of(definition, e);
    }
  }

  static Map<String, Object> constants(
      OptimizerDefinition definition, Map<String, Object> settings) {
    Map<String, Object> constants = new LinkedHashMap<>();
    for (OptimizerSetting parameter : definition.hyperparameters()) {
      Object value = settings.getOrDefault(parameter.name(), parameter.defaultValue());
      if (parameter instanceof OptimizerSetting.FractionOr either) {
        boolean word = either.word().equals(value);
        constants.put(parameter.name() + "_is_" + either.word(), word);
        constants.put(parameter.name(), word ? (Object) 0.0 : value);
      } else {
        constants.put(parameter.name(), value);
      }
    }
    return constants;
  }

  private static String methods(OptimizerDefinition definition, Map<String, Object> settings) {
    Multipliers multipliers = new Multipliers(settings);
    List<String> states = definition.states();
    boolean whole = !(definition.elementwise() && multipliers.elementwise());
    String cut = whole ? "%s" : "%s.view([-1]).narrow(0, a_, b_)"; // whole: one piece
    String piece = whole ? "max(n_, 1)" : "n_ if params[i_].is_cuda else " + PIECE;
    String sumPiece = whole ? "max(n_, 1)" : "n_ if params[i_].is_cuda else " + SUM;
    boolean clips = definition.momentumClip().exists();
    String loop =
        (clips ? STEP + CLIPPED : STEP)
            .replace("{update}", definition.update().indent(2).stripTrailing())
            .replace("{direction}", definition.direction().indent(2).stripTrailing())
            .replace("{moved}", moved(definition))
            .replace(
                "{on_direction}", indent(onDirection(definition) + multipliers.onDirection(), 2))
            .replace("{on_gradient}", indent(multipliers.onGradient(), 6))
            .replace("{on_weights}", indent(onWeights(definition, multipliers), 6))
            .replace("{go}", definition.stillFirst() ? GO_SECOND : "go_ = gate")
            .replace("{state_arguments}", join(states, ", %s: Tensor", ""))
            .replace("{state_lists}", join(states, ", %ss: List[Tensor]", ""))
            .replace("{state_values}", join(states, ", %s", ""))
            .replace("{state_items}", join(states, ", %ss[i_]", ""))
            .replace("{state_sums}", join(states, ", square_sum(%s)", ""))
            .replace("{columns}", Integer.toString(3 + states.size()))
            .replace("{piece}", piece)
            .replace("{sum_piece}", sumPiece)
            .replace("{cut}", definition.momentumClip().cut().indent(2).stripTrailing())
            .replace("{cut_p}", cut.formatted("params[i_]"))
            .replace("{cut_g}", cut.formatted("grads[i_]"))
            .replace("{cut_states}", cutStates(states, cut));
    return loop + step(definition, multipliers);
  }

  private static String indent(String statements, int by) {
    return statements.isEmpty() ? "" : statements.indent(by).stripTrailing();
  }

  private static String onDirection(OptimizerDefinition definition) {
    return definition.stillFirst() ? "u_ = torch.where(t > 1.0, u_, torch.zeros_like(u_))\n" : "";
  }

  private static String onWeights(OptimizerDefinition definition, Multipliers multipliers) {
    if (definition.moved().isEmpty()) {
      return multipliers.onWeights();
    }
    String decay = multipliers.l2() ? "0.0" : "decay";
    String states = join(definition.states(), ", %s", "");
    return """
        new_ = self.moved(p_, u_{states}, now_, lr, {decay}, gate_)
        p_.copy_(torch.where(go_ > 0.0, new_, p_))
        """
        .replace("{states}", states)
        .replace("{decay}", decay);
  }

  private static String moved(OptimizerDefinition definition) {
    return definition.moved().isEmpty()
        ? ""
        : """
          def moved(self, w: Tensor, u: Tensor{state_arguments}, t: Tensor, lr: float, decay: float, gate: Tensor) -> Tensor:
          """
            + definition.moved().indent(2).stripTrailing();
  }

  private static String step(OptimizerDefinition definition, Multipliers multipliers) {
    List<String> states = definition.states();
    String header =
        "def step(self, params: List[Tensor], grads: List[Tensor]"
            + join(states, ", %ss: List[Tensor]", "")
            + ", t: Tensor, gate: Tensor, lr: float, decay: float) -> None:\n";
    String loop = "self.loop(" + String.join(", ", stepParameters(states)) + ")";
    boolean fused = !definition.fused().isEmpty() && multipliers.plain();
    return header + (fused ? definition.fused() : loop).indent(2);
  }

  private static String cutStates(List<String> states, String cut) {
    return states.stream()
        .map(s -> "      " + s + " = " + cut.formatted(s + "s[i_]"))
        .collect(Collectors.joining("\n"));
  }

  /** What the method that takes a step is given, in its order. */
  static List<String> stepParameters(List<String> states) {
    return Stream.of(
            Stream.of("params", "grads"),
            states.stream().map(state -> state + "s"),
            Stream.of("t", "gate", "lr", "decay"))
        .flatMap(part -> part)
        .toList();
  }

  private static String join(List<String> names, String format, String separator) {
    return names.stream()
        .map(name -> format.replace("%s", name))
        .collect(Collectors.joining(separator));
  }
}
