/** Pages, texts and JSON of formulas and simulations: theory, simulate, toy, surge and signal. */
package io.adamant.lab;
