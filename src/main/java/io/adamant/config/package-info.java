/** Immutable records for a run and a study, read from YAML and validated. */
package io.adamant.config;
