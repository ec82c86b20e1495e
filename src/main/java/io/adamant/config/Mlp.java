package io.adamant.config;

import io.adamant.base.PublicApi;

/** The form of a model's MLP: what lies between its products. */
@PublicApi
public enum Mlp {
  /** down(silu(gate(x))·up(x)), silu(z) = z·sigmoid(z) (Shazeer 2020, eq. 6). */
  SWIGLU,
  /** down(gelu(up(x))), gelu(z) = z·Φ(z), by the error function (Hendrycks and Gimpel 2016). */
  GELU,
  /** down(gelu(up(x))) with Φ(z) ≈ ½(1 + tanh(√(2/π)(z + 0.044715·z³))), as GPT-2 has it. */
  GELU_TANH,
  /** down(max(up(x), 0)²) (So et al. 2021). */
  RELU2;

  /**
   * Whether the first product has two halves, gate and up.
   *
   * @return true for SwiGLU
   */
  public boolean gated() {
    return this == SWIGLU;
  }
}
