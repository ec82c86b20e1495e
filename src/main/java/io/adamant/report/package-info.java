/**
 * Run directories to tables, charts and one HTML page.
 *
 * <p>{@link io.adamant.report.Reports} is the door. {@link io.adamant.report.RunData} and {@link
 * io.adamant.report.StudyData} read; {@link io.adamant.report.ComparisonTable} and {@link
 * io.adamant.report.StudyReport} say what is shown; {@link io.adamant.report.HtmlReport} and {@link
 * io.adamant.report.PngFigures} draw it. Everything comes from files, so a folder that was copied
 * to another machine reports identically.
 */
package io.adamant.report;
