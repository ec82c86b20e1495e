/**
 * Every optimizer once more in plain double arithmetic: the oracle of tests, of replay and of
 * simulate.
 */
package io.adamant.rules;
