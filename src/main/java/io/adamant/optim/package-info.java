/** One optimizer a file, schedules, clipping and their registry. */
package io.adamant.optim;
