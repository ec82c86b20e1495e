package io.adamant.train;

import io.adamant.optim.ParameterGroup;
import java.util.List;
import java.util.Map;

/**
 * Which groups of parameters are updated without a bound: those whose moments have beta1&sup2; &gt;
 * beta2, in AdamW and what goes by AdamW (theory.md &sect;1.1).
 */
final class UnboundedUpdates {

  /** The settings of m and v in u = m/&radic;v, by type of optimizer. */
  private record Betas(String first, String second) {}

  private static final Map<String, Betas> MOMENTS =
      Map.of(
          "adamw", new Betas("beta1", "beta2"),
          "softsign_adam", new Betas("beta1", "beta2"),
          "muon", new Betas("adam_beta1", "adam_beta2"));

  private UnboundedUpdates() {}

  /**
   * Finds them.
   *
   * @param groups all parameters of a run, whichever optimizer each group has
   * @return names of the groups, in order
   */
  static List<String> of(List<ParameterGroup> groups) {
    return groups.stream().filter(UnboundedUpdates::unbounded).map(ParameterGroup::name).toList();
  }

  private static boolean unbounded(ParameterGroup group) {
    String type = group.optimizer().definition().type();
    Betas betas = MOMENTS.get(type);
    if (betas == null || (type.equals("muon") && matrices(group))) {
      return false; // Muon's matrices have no v
    }
    double beta1 = number(group, betas.first());
    return beta1 * beta1 > number(group, betas.second());
  }

  private static boolean matrices(ParameterGroup group) {
    return group.state().parameters().stream().allMatch(w -> w.getShape().dimension() >= 2);
  }

  private static double number(ParameterGroup group, String setting) {
    return ((Number) group.optimizer().settings().get(setting)).doubleValue();
  }
}
