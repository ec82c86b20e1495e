package io.adamant.data;

/**
 * A file that a run's data comes from.
 *
 * @param path absolute
 * @param bytes of the file as it lies there, compressed or not
 * @param sha256 over these bytes, 64 hexadecimal digits; empty for token shards, whose ids are
 *     hashed as data
 */
public record DataFile(String path, long bytes, String sha256) {}
