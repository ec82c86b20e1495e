package io.adamant.optim;

import java.util.Map;

/** One parameter and what moves it, with plain arrays in and out: what a contract is tried on. */
interface ParameterRun extends AutoCloseable {

  double RATE = 0.03;
  double DECAY = 0.2;

  /** Takes a step; one with the gate 0 has to leave everything as it is. */
  void step(double[] g, double gate, double rate, double decay);

  /** A step with {@link #RATE} and {@link #DECAY}. */
  default void step(double[] g) {
    step(g, 1, RATE, DECAY);
  }

  /** As training does it: guarded against gradients that are not finite. Whether it was taken. */
  boolean guardedStep(double[] g);

  /** A copy, row-major. */
  double[] weights();

  /** The direction of the last step, whose gradient is given once more. */
  double[] direction(double[] g);

  /** A copy of the weights, and of all that a checkpoint holds, by its name. */
  Map<String, double[]> everything();

  /** Goes on from what {@link #everything} gave. */
  void restore(Map<String, double[]> everything);

  @Override
  void close();
}
