/** How long the parts of a training step take, and how much of the machine they use. */
package io.adamant.bench;
