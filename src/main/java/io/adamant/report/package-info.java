/**
 * Studies and runs to tables, charts and one HTML page.
 *
 * <p>{@link io.adamant.report.Reports} is the entry point. {@link io.adamant.results.RunData} and
 * {@link io.adamant.report.StudyData} read; {@link io.adamant.report.ComparisonTable} and {@link
 * io.adamant.report.StudyReport} say what is shown; package {@code chart} draws it. Everything
 * comes from files, so a folder that was copied to another machine gives the same report.
 */
package io.adamant.report;
