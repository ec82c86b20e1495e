/** One small class a command, no logic. */
package io.adamant.cli;
