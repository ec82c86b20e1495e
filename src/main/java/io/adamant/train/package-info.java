/** The loop, its guard, the run directory, checkpoints and the hook interface. */
package io.adamant.train;
