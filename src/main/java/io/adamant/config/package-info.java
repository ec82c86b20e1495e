/**
 * Immutable records for a run and a study, read from YAML and validated.
 *
 * <p>Start at {@link io.adamant.config.Configs}, which reads and writes; {@link
 * io.adamant.config.RunConfig} is a run with every setting resolved, {@link
 * io.adamant.config.StudyConfig} a comparison of runs, and {@link io.adamant.base.InputException}
 * what a user hears of bad input.
 */
package io.adamant.config;
