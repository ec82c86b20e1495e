/** Monte Carlo of the theory, the toy quadratic, the signal view and the surge, without DJL. */
package io.adamant.simulate;
