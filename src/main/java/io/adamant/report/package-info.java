/** Run directories to tables, charts and one HTML page. */
package io.adamant.report;
