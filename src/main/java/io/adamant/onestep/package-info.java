/**
 * The one-step laws of the best learning rate, measured at weights that do not move: of a quadratic
 * or of a language model.
 */
package io.adamant.onestep;
