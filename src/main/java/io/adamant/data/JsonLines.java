package io.adamant.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.base.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Documents from JSON Lines: an object a line, whose field is the text exactly as it is. Empty
 * lines are left out, and so are documents of nothing but white space.
 */
final class JsonLines implements PieceReading {
  /** Characters of the longest line: far above any book, and its objects still fit into memory. */
  private static final int LONGEST = 1 << 26;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(LONGEST)
                          .maxNumberLength(LONGEST)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Utf8Reader characters;
  private final String name;
  private final TextField field;
  private final DocumentPieces document;
  private final StringBuilder buffer = new StringBuilder();
  private long line;

  JsonLines(InputStream in, String name, TextField field, Reading reading) {
    this.characters = new Utf8Reader(in, name, reading.replaceInvalid());
    this.name = name;
    this.field = field;
    this.document = new DocumentPieces(reading.cuts());
  }

  @Override
  public Optional<Piece> next() throws IOException {
    Optional<Piece> piece = document.next();
    while (piece.isEmpty() && readLine()) {
      String json = buffer.toString();
      if (!json.isBlank()) {
        text(json).ifPresent(text -> document.begin(text, name + " line " + line));
        piece = document.next();
      }
    }
    return piece;
  }

  /** Reads a line into {@code buffer}; false at the end. */
  private boolean readLine() throws IOException {
    buffer.setLength(0);
    int c = characters.read();
    if (c < 0) {
      return false;
    }
    line++;
    for (; c >= 0 && c != '\n'; c = characters.read()) {
      if (buffer.length() == LONGEST) {
        throw new InputException(
            "%s line %s is longer than %s characters".formatted(name, line, LONGEST));
      }
      buffer.append((char) c);
    }
    return true;
  }

  private Optional<String> text(String json) {
    JsonNode object;
    try {
      object = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      String said = e.getOriginalMessage().lines().findFirst().orElse("").strip();
      String why = said.replaceFirst("[:;] (was expecting|expected) .*", "");
      throw refused("is not JSON: " + why + "; expected: one object a line");
    }
    if (!object.isObject()) {
      throw refused("is not a JSON object; expected: one object a line");
    }
    JsonNode node = object;
    for (String key : field.path()) {
      if (node.isObject() && node.has(key)) {
        node = node.get(key);
      } else {
        throw refused(
            "has no field '%s'; fields there: %s"
                .formatted(field.name(), FieldNames.shown(FieldNames.of(object))));
      }
    }
    if (node.isNull() && field.skipNulls()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      String kind = node.getNodeType().toString().toLowerCase(java.util.Locale.ROOT);
      throw refused(
          "has %s in field '%s'; expected: a string%s"
              .formatted(
                  kind,
                  field.name(),
                  node.isNull() ? " (nulls: skip leaves such documents out)" : ""));
    }
    String text = node.textValue();
    if (text.codePoints().anyMatch(JsonLines::isLoneSurrogate)) {
      throw refused("has a lone surrogate in field '%s', which is no text".formatted(field.name()));
    }
    return Optional.of(text);
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private InputException refused(String why) {
    return new InputException("%s line %s %s".formatted(name, line, why));
  }
}
