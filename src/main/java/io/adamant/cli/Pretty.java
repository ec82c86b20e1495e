package io.adamant.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** JSON for a program that a person may read. */
final class Pretty {

  private Pretty() {}

  /** Maps, lists, numbers and texts, with a line end. */
  static String json(Object tree) {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(tree) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("writing maps of texts as JSON failed", e);
    }
  }
}
