/** Intervals, tests, bootstrap and the minimum detectable difference. */
package io.adamant.stats;
