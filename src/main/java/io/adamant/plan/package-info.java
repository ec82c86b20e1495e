/** What a run will cost, here or on a named GPU, and what its steps cost when they are timed. */
package io.adamant.plan;
