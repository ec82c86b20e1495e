/** What is compiled against the Parquet library and loaded together with it. */
package io.adamant.data.parquet;
