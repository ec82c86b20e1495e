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
import java.util.regex.Pattern;
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
 * coordinates that it cut, () float64; {@code averaged(params, states..., t)}, where a rule has
 * one, returns the weights to evaluate at. Where a rule has sums, {@code gather} is a step's first
 * part and returns them, (k) float64, and {@code conclude} its second. Names of its own end with _,
 * which those of a definition may not.
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
  private static final int SUM = 1 << 16;

  private static final String STEP =
      """
      def update(self, w: Tensor, g: Tensor{state_arguments}, t: Tensor, lr: float, gate: Tensor) -> None:
      {update}
      def direction(self, g: Tensor{state_arguments}, t: Tensor) -> Tensor:
      {direction}
      {parts}
      def heading(self, g: Tensor{state_arguments}, t: Tensor) -> Tensor:
        u_ = self.direction(g{state_values}, t)
      {on_direction}
        return u_
      {steps}
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

  /** What a method that takes a step, or a part of it, begins with. */
  private static final String BEGIN =
      """
        # A step that is gated off before the first good one still divides by 1 - beta^t.
        now_ = torch.clamp(t, 1.0)
        like_ = params[0]
        gate_ = gate.to(like_.dtype)
      """;

  private static final String SCALE =
      """
        {go}
        rate_ = (go_ * -lr).to(like_.dtype)
        shrink_ = (go_ * (-lr * decay)).to(like_.dtype)
      """;

  private static final String PIECES =
      """
        for i_ in range(len(params)):
          n_ = params[i_].numel()
          piece_ = {piece}
          for a_ in range(0, n_, piece_):
            b_ = min(piece_, n_ - a_)
            p_ = {cut_p}
            g = {cut_g}
      {cut_states}
      """;

  private static final String ADVANCE =
      """
      {on_gradient}
            self.update(p_, g{state_values}, now_, lr, gate_)
      """;

  private static final String MOVE =
      """
            u_ = self.heading(g{state_values}, now_)
      {on_weights}
      """;

  /** Numbers are the same of all parameters: those of the first are advanced, and copied. */
  private static final String NUMBERS =
      """
        self.numbers({sums_}{first_numbers}now_, lr, gate_)
        for i_ in range(1, len(params)):
      {copy_numbers}
      """;

  private static final String LOOP =
      """
      def loop(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor, gate: Tensor, lr: float, decay: float) -> None:
        t.add_(gate)
      """
          + BEGIN
          + SCALE
          + "{numbers_first}"
          + PIECES
          + ADVANCE
          + MOVE;

  /** A step in two parts, between which sums over parameters meet. */
  private static final String TWO_PARTS =
      """
      def gather(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor, gate: Tensor, lr: float, decay: float) -> Tensor:
        t.add_(gate)
      """
          + BEGIN
          + "  sums_ = torch.zeros([], dtype=torch.float64, device=like_.device)\n"
          + PIECES
          + ADVANCE
          + """
                  sums_ = sums_ + self.sums(p_, g{state_values}, now_, lr).to(torch.float64)
              return sums_
            def conclude(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor, gate: Tensor, lr: float, decay: float, sums_: Tensor) -> None:
            """
          + BEGIN
          + SCALE
          + NUMBERS
          + PIECES
          + MOVE
          + """
            def loop(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor, gate: Tensor, lr: float, decay: float) -> None:
              sums_ = self.gather(params, grads{list_values}, t, gate, lr, decay)
              self.conclude(params, grads{list_values}, t, gate, lr, decay, sums_)
            """;

  private static final String AVERAGED =
      """
      def averaged(self, params: List[Tensor]{state_lists}, t: Tensor) -> List[Tensor]:
        xs_: List[Tensor] = []
        for i_ in range(len(params)):
          xs_.append(self.average_(params[i_]{state_items}, t).clone())
        return xs_
      def average_(self, w: Tensor{state_arguments}, t: Tensor) -> Tensor:
      {averaged}
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

  /** The head of a function; those of a rule's parts stand in methods below. */
  private static final Pattern HEAD = Pattern.compile("def (\\w+)\\(");

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

  /** Names of the functions that a kernel may have, and of those that its text can call. */
  static Stream<String> functions() {
    String text = ScriptModule.resource("optimizer.py") + STEP + TWO_PARTS + AVERAGED + CLIPPED;
    return Stream.concat(
        Stream.of("step", "moved", "sums", "numbers"),
        HEAD.matcher(text).results().map(head -> head.group(1)));
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
        (STEP + (clips ? CLIPPED : "") + (definition.averaged().isEmpty() ? "" : AVERAGED))
            .replace("{steps}", definition.sums().isEmpty() ? LOOP : TWO_PARTS)
            .replace("{numbers_first}", definition.numbers().isEmpty() ? "" : NUMBERS)
            .replace("{parts}", parts(definition))
            .replace("{update}", definition.update().indent(2).stripTrailing())
            .replace("{direction}", definition.direction().indent(2).stripTrailing())
            .replace(
                "{on_direction}", indent(onDirection(definition) + multipliers.onDirection(), 2))
            .replace("{on_gradient}", indent(multipliers.onGradient(), 6))
            .replace("{on_weights}", indent(onWeights(definition, multipliers), 6))
            .replace("{go}", definition.stillFirst() ? GO_SECOND : "go_ = gate")
            .replace("{state_arguments}", join(states, ", %s: Tensor", ""))
            .replace("{state_lists}", join(states, ", %ss: List[Tensor]", ""))
            .replace("{state_values}", join(states, ", %s", ""))
            .replace("{state_items}", join(states, ", %ss[i_]", ""))
            .replace("{list_values}", join(states, ", %ss", ""))
            .replace("{state_sums}", stateSums(definition))
            .replace("{sums_}", definition.sums().isEmpty() ? "" : "sums_, ")
            .replace("{first_numbers}", join(numbers(definition), "%ss[0], ", ""))
            .replace("{copy_numbers}", join(numbers(definition), "    %ss[i_].copy_(%ss[0])\n", ""))
            .replace("{averaged}", definition.averaged().indent(2).stripTrailing())
            .replace("{columns}", Integer.toString(3 + states.size()))
            .replace("{piece}", piece)
            .replace("{sum_piece}", sumPiece)
            .replace("{cut}", definition.momentumClip().cut().indent(2).stripTrailing())
            .replace("{cut_p}", cut.formatted("params[i_]"))
            .replace("{cut_g}", cut.formatted("grads[i_]"))
            .replace("{cut_states}", cutStates(definition, cut));
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

  /** Methods that only some rules have. */
  private static String parts(OptimizerDefinition definition) {
    String sums = definition.sums().isEmpty() ? "" : "sums: Tensor, ";
    return part(
            "moved(self, w: Tensor, u: Tensor{state_arguments}, t: Tensor, lr: float, decay: float, gate: Tensor) -> Tensor",
            definition.moved())
        + part(
            "sums(self, w: Tensor, g: Tensor{state_arguments}, t: Tensor, lr: float) -> Tensor",
            definition.sums())
        + part(
            "numbers(self, %s%st: Tensor, lr: float, gate: Tensor) -> None"
                .formatted(sums, join(numbers(definition), "%s: Tensor, ", "")),
            definition.numbers());
  }

  private static String part(String head, String body) {
    return body.isEmpty() ? "" : "def " + head + ":\n" + body.indent(2);
  }

  private static List<String> numbers(OptimizerDefinition definition) {
    return definition.states().stream()
        .filter(state -> definition.kinds().get(state).isNumber())
        .toList();
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

  /** A number is no piece's: the first counts it. */
  private static String stateSums(OptimizerDefinition definition) {
    List<String> numbers = numbers(definition);
    return definition.states().stream()
        .map(
            s -> ", square_sum(%s)".formatted(s) + (numbers.contains(s) ? " * float(a_ == 0)" : ""))
        .collect(Collectors.joining());
  }

  private static String cutStates(OptimizerDefinition definition, String cut) {
    List<String> numbers = numbers(definition);
    return definition.states().stream()
        .map(s -> "      " + s + " = " + (numbers.contains(s) ? "%s" : cut).formatted(s + "s[i_]"))
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
