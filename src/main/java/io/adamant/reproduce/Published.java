package io.adamant.reproduce;

/**
 * A published number.
 *
 * @param what it is
 * @param value as printed, with its unit
 * @param source document, place
 */
public record Published(String what, String value, String source) {}
