/**
 * Intervals, tests, bootstrap and the minimum detectable difference.
 *
 * <p>Results are immutable records that carry their estimate, its uncertainty and what it rests on.
 * Samples are arrays of finite doubles, one value a seed; every function leaves them as they are.
 */
package io.adamant.stats;
