package io.adamant.config;

import io.adamant.base.PublicApi;
import java.util.Locale;

/**
 * Weights that a run is evaluated, kept and exported with, w_t being those that it trains after
 * step t. What a run reads out changes nothing in its training.
 */
@PublicApi
public enum Readout {
  /** The weights w_t themselves. */
  TRAINED,

  /**
   * Their exponential moving average e_t = e_{t&minus;1} + (1 &minus; a_t)(w_t &minus;
   * e_{t&minus;1}) with e_0 = w_0 and a_t = min(a, (1 + t)/(10 + t)), a being {@code
   * training.readout_decay}. Without the second term, as by default in timm and in torch's {@code
   * swa_utils}, the first weights would still count 0.999^300 = 74 % after 300 steps; with it the
   * average is over about the last tenth of the run until t = (10a &minus; 1)/(1 &minus; a), 8,990
   * steps at 0.999. Source: TensorFlow's {@code ExponentialMovingAverage} with {@code num_updates}
   * = t; so does diffusers' {@code EMAModel}, one step later.
   */
  EMA,

  /**
   * Their uniform average over the last K = max(1, round({@code training.readout_tail} &middot; N))
   * of the run's N steps, kept as the running mean e &larr; e + (w_t &minus; e)/n of n weights.
   * Before these steps there is none. Source: Polyak and Juditsky 1992; Izmailov et al. 2018 (SWA).
   */
  TAIL,

  /**
   * The weights that the optimizer itself means to be evaluated at, which follow from w_t and its
   * state: x of {@code schedulefree_adamw}, {@code schedulefree_sgd} and {@code schedulefree_plus},
   * whose w_t is y. Source: Defazio et al. 2024.
   */
  SCHEDULE_FREE;

  /**
   * The word for it in YAML and on the command line.
   *
   * @return such as {@code ema}
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
