/** A grid of runs and its execution. */
package io.adamant.study;
