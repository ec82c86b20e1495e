package io.adamant.optim;

import ai.djl.ndarray.NDManager;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Puts the three parts of an {@link OptimizerDefinition} into a module that works on all parameters
 * in one call.
 *
 * <p>Its methods: {@code step(params, grads, states..., t, gate, lr, decay)} takes one step in
 * place; {@code directions(params, grads, states..., t)} recomputes u of the last step; {@code
 * statistics(...)} sums the squares of u, w, g and of each state tensor by parameter, (n, 3 +
 * states), float64; {@code clipped(...)}, where the rule has a clip of its own, counts the
 * coordinates that it cut, () float64.
 */
final class OptimizerKernel {

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
      def scalars(self, like: Tensor, t: Tensor, gate: Tensor) -> List[Tensor]:
      {scalars}
        return [{scalar_casts}]
      def advance(self, g: Tensor{state_arguments}{scalar_arguments}) -> None:
        pass
      {advance}
      def direction(self, g: Tensor{state_arguments}{scalar_arguments}) -> Tensor:
        return {direction}
      def loop(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor, gate: Tensor, lr: float, decay: float) -> None:
        t.add_(gate)
        # A step that is gated off before the first good one still divides by 1 - beta^t.
        now = torch.clamp(t, 1.0)
        like = params[0]
        q = self.scalars(like, now, gate)
        rate = (gate * -lr).to(like.dtype)
        shrink = (gate * (-lr * decay)).to(like.dtype)
        for i in range(len(params)):
          n = params[i].numel()
          piece = {piece}
          for a in range(0, n, piece):
            b = min(piece, n - a)
            p = {cut_p}
            g = {cut_g}
      {cut_states}
            self.advance(g{state_values}{scalar_values})
            u = self.direction(g{state_values}{scalar_values})
            # Decoupled decay first: w <- (1 - lr decay) w, written as one rounding of w.
            if decay != 0.0:
              p.addcmul_(p, shrink)
            p.addcmul_(u, rate)
      def directions(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor) -> List[Tensor]:
        now = torch.clamp(t, 1.0)
        us: List[Tensor] = []
        for i in range(len(params)):
          q = self.scalars(params[i], now, torch.ones_like(now))
          us.append(self.direction(grads[i]{state_items}{scalar_values}).clone())
        return us
      def statistics(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor) -> Tensor:
        now = torch.clamp(t, 1.0)
        rows: List[Tensor] = []
        q = self.scalars(params[0], now, torch.ones_like(now))
        for i in range(len(params)):
          n = params[i].numel()
          sums = torch.zeros([{columns}], dtype=7, device=params[i].device)
          piece = {sum_piece}
          for a in range(0, n, piece):
            b = min(piece, n - a)
            p = {cut_p}
            g = {cut_g}
      {cut_states}
            u = self.direction(g{state_values}{scalar_values})
            sums.add_(torch.stack([__torch__.square_sum(u), __torch__.square_sum(p), __torch__.square_sum(g){state_sums}]))
          rows.append(sums)
        return torch.stack(rows)
      """;

  private static final String CLIPPED =
      """
      def clipped(self, params: List[Tensor], grads: List[Tensor]{state_lists}, t: Tensor) -> Tensor:
        now = torch.clamp(t, 1.0)
        count = torch.zeros_like(t)
        for i in range(len(params)):
          q = self.scalars(params[i], now, torch.ones_like(now))
          count.add_(torch.sum(self.cut(grads[i]{state_items}{scalar_values})).to(7))
        return count
      def cut(self, g: Tensor{state_arguments}{scalar_arguments}) -> Tensor:
        return {cut}
      """;

  private OptimizerKernel() {}

  /**
   * Compiles the kernel for fixed settings.
   *
   * @param manager device and lifetime
   * @param definition the optimizer
   * @param settings resolved by {@link OptimizerDefinition#resolve}
   * @return the module
   */
  static ScriptModule compile(
      NDManager manager, OptimizerDefinition definition, Map<String, Object> settings) {
    return new ScriptModule(
        manager,
        new ScriptArchive(
            ScriptModule.resource("optimizer.py") + definition.prelude(),
            methods(definition),
            constants(definition, settings)));
  }

  static Map<String, Object> constants(
      OptimizerDefinition definition, Map<String, Object> settings) {
    Map<String, Object> constants = new LinkedHashMap<>();
    for (Hyperparameter parameter : definition.hyperparameters()) {
      Object value = settings.get(parameter.name());
      if (parameter instanceof Hyperparameter.Choice choice) {
        for (String option : choice.options()) {
          constants.put(parameter.name() + "_is_" + option, option.equals(value));
        }
      } else if (parameter instanceof Hyperparameter.FractionOr either) {
        boolean word = either.word().equals(value);
        constants.put(parameter.name() + "_is_" + either.word(), word);
        constants.put(parameter.name(), word ? (Object) 0.0 : value);
      } else {
        constants.put(parameter.name(), value);
      }
    }
    return constants;
  }

  private static String methods(OptimizerDefinition definition) {
    List<String> states = definition.states();
    List<String> scalars = List.copyOf(definition.scalars().keySet());
    String cut =
        definition.elementwise() ? "%s.view([-1]).narrow(0, a, b)" : "%s"; // whole: one piece
    boolean whole = !definition.elementwise();
    String piece = whole ? "max(n, 1)" : "n if params[i].is_cuda else " + PIECE;
    String sumPiece = whole ? "max(n, 1)" : "n if params[i].is_cuda else " + SUM;
    boolean clips = definition.momentumClip().exists();
    String loop =
        (clips ? STEP + CLIPPED : STEP)
            .replace(
                "{scalars}",
                definition.scalars().entrySet().stream()
                    .map(e -> "  " + e.getKey() + " = " + e.getValue())
                    .collect(Collectors.joining("\n")))
            .replace("{scalar_casts}", join(scalars, "(%s).to(like.dtype)", ", "))
            .replace("{advance}", definition.advance().stripTrailing().indent(2).stripTrailing())
            .replace("{direction}", definition.direction().strip())
            .replace("{state_arguments}", join(states, ", %s: Tensor", ""))
            .replace("{scalar_arguments}", join(scalars, ", %s: Tensor", ""))
            .replace("{state_lists}", join(states, ", %ss: List[Tensor]", ""))
            .replace("{state_values}", join(states, ", %s", ""))
            .replace("{state_items}", join(states, ", %ss[i]", ""))
            .replace("{state_sums}", join(states, ", __torch__.square_sum(%s)", ""))
            .replace("{scalar_values}", indices(scalars.size()))
            .replace("{columns}", Integer.toString(3 + states.size()))
            .replace("{piece}", piece)
            .replace("{sum_piece}", sumPiece)
            .replace("{cut}", definition.momentumClip().cut())
            .replace("{cut_p}", cut.formatted("params[i]"))
            .replace("{cut_g}", cut.formatted("grads[i]"))
            .replace("{cut_states}", cutStates(states, cut));
    return loop + step(definition);
  }

  private static String step(OptimizerDefinition definition) {
    List<String> states = definition.states();
    String header =
        "def step(self, params: List[Tensor], grads: List[Tensor]"
            + join(states, ", %ss: List[Tensor]", "")
            + ", t: Tensor, gate: Tensor, lr: float, decay: float) -> None:\n";
    String body =
        definition.fusedStep().isEmpty()
            ? "self.loop(params, grads" + join(states, ", %ss", "") + ", t, gate, lr, decay)\n"
            : definition.fusedStep();
    return header + body.indent(2);
  }

  private static String cutStates(List<String> states, String cut) {
    return states.stream()
        .map(s -> "      " + s + " = " + cut.formatted(s + "s[i]"))
        .collect(Collectors.joining("\n"));
  }

  private static String indices(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(", q[").append(i).append(']');
    }
    return text.toString();
  }

  private static String join(List<String> names, String format, String separator) {
    return names.stream()
        .map(name -> format.replace("%s", name))
        .collect(Collectors.joining(separator));
  }
}
