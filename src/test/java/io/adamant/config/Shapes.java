package io.adamant.config;

import java.util.Map;

/** Models of tests, without naming every key. */
public final class Shapes {
  private Shapes() {}

  /** A model of some sizes; the other keys have their defaults. */
  public static ModelConfig model(
      int layers, int width, int heads, int context, int mlpHidden, double rotary, double initStd) {
    return RunConfig.defaults()
        .with(
            Map.of(
                "model.layers", layers,
                "model.width", width,
                "model.heads", heads,
                "model.context", context,
                "model.mlp_hidden", mlpHidden,
                "model.rotary", rotary,
                "model.init_std", initStd))
        .model();
  }
}
