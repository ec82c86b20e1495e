/** A folder that runs on a machine without Java, Maven or the sources. */
package io.adamant.pack;
