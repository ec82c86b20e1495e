/** Charts, tables and self-contained pages of them: one content, drawn for browser and printer. */
package io.adamant.chart;
