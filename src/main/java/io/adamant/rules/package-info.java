/**
 * Every optimizer once more in plain double arithmetic: the oracle of tests, of replay and of
 * simulate.
 *
 * <p>Each {@link io.adamant.rules.Rule} is written from its formula and shares no code with the
 * tensor kernels, so that an agreement of the two is evidence. Three conventions hold for all of
 * them: decoupled decay comes first and is multiplicative, 0/0 in a direction is 0, and a gradient
 * with a NaN or an infinity skips the step whole.
 */
package io.adamant.rules;
