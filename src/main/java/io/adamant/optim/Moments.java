package io.adamant.optim;

import io.adamant.base.InputException;
import java.util.Map;

/** Kernel text that rules built on moving averages share. */
final class Moments {

  /**
   * All of AdamW in one operator of libtorch, where the settings are the ones it knows. {@code
   * found_inf} makes it skip, as {@code gate} does in the loop.
   */
  static final String FUSED_ADAMW =
      """
      if self.eps > 1e-37 and self.bias_correction:
        t.add_(gate)
        now = t.to(6)
        counts: List[Tensor] = []
        for i in range(len(params)):
          counts.append(now)
        none = annotate(List[Tensor], [])
        torch._fused_adamw_(params, grads, ms, vs, none, counts, lr=lr, beta1=self.beta1, beta2=self.beta2, weight_decay=decay, eps=self.eps, amsgrad=False, maximize=False, grad_scale=None, found_inf=(1.0 - gate).to(6))
      else:
        self.loop(params, grads, ms, vs, t, gate, lr, decay)
      """;

  /**
   * RMSprop in the same operator: with beta1 = 0 its average m is the gradient itself, so the
   * gradients stand in for m and come out as they went in.
   */
  static final String FUSED_RMSPROP =
      FUSED_ADAMW
          .replace("params, grads, ms, vs, none", "params, grads, grads, vs, none")
          .replace("beta1=self.beta1", "beta1=0.0")
          .replace("params, grads, ms, vs, t", "params, grads, vs, t");

  private Moments() {}

  /** Weight of the new value in an average that starts at zero. */
  static String weight(String beta) {
    return "gate * (1.0 - self." + beta + ")";
  }

  /** Weight of the new value where {@code init: gradient} may start the average at that value. */
  static String weightWithInit(String beta) {
    return "gate * torch.where(t == 1.0, torch.ones_like(t), torch.full_like(t, 1.0 - self."
        + beta
        + ")) if self.init_is_gradient else "
        + weight(beta);
  }

  /** Sum of an average's weights, 1 - beta^t, or 1 where bias correction is off. */
  static String correction(String beta, String condition) {
    return "1.0 - torch.pow(self." + beta + ", t) if " + condition + " else torch.ones_like(t)";
  }

  /**
   * {@code init: gradient} leaves no bias: the correction is off, and asking for it is an error.
   */
  static void noBiasToCorrect(
      Map<String, Object> given, Map<String, Object> resolved, String where) {
    if (resolved.get("init").equals("gradient")) {
      if (Boolean.TRUE.equals(given.get("bias_correction"))) {
        throw InputException.badValue(
            where + ".bias_correction",
            true,
            "false with init: gradient, which leaves no bias to correct");
      }
      resolved.put("bias_correction", false);
    }
  }
}
