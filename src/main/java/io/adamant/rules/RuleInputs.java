package io.adamant.rules;

/** What a step is given beside its gradient. */
@FunctionalInterface
public interface RuleInputs {

  /**
   * An input of a step.
   *
   * @param kind {@code sampled gradient}, &radic;B times the gradient of a batch of B tokens with
   *     labels that the model has drawn, (size); {@code earlier gradient}, of the same batch at the
   *     weights of the step before, (size); {@code probe noise}, Gaussian numbers, (size); {@code
   *     fresh}, (1), 1 in a step where either is new, else 0; {@code loss}, (1), the mean loss
   *     before the step
   * @param step number of the step, from 1
   * @param size numbers wanted
   * @return (size)
   */
  double[] of(String kind, long step, int size);
}
