/** Optimizers (one per file), schedules, clipping and their registry. */
package io.adamant.optim;
