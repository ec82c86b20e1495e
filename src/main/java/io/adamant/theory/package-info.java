/** Closed forms of mean-field theory: pure functions of doubles. */
package io.adamant.theory;
