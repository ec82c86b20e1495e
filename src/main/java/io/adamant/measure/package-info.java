/** Hooks: statistics of a training run beside their predictions. */
package io.adamant.measure;
